package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/thebigclass/api/tools/testenv/chromium"
)

// docsPath is the whole reference on one page.
const docsPath = "/docs/"

// docs opens the reference in headless Chromium, each time with an empty cache, on a database that it does not read.
func (b *bench) docs(ctx context.Context, _ string) (err error) {
	db, err := b.open(ctx, sqlite, "docs")
	if err != nil {
		return err
	}
	server, _, err := b.serve(ctx, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	if err := server.await(ctx, docsPath); err != nil { // the first request makes the pages ready
		return err
	}
	program, err := chromium.FindOrInstall(ctx, b.log)
	if err != nil {
		return err
	}
	allocator, end := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU)...)
	defer end()
	browser, stop := chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Do(browser, chromedp.Navigate("about:blank")); err != nil {
		return fmt.Errorf("start %s: %w", program, err)
	}
	for run := range runs {
		painted, err := paint(browser, "http://"+server.addr+docsPath)
		if err != nil {
			return err
		}
		b.progress("docs run %d: %+v", run+1, painted)
		b.results.add("docs", "paint", "", painted.First)
		b.results.add("docs", "shift", "", painted.Shift)
		b.results.add("docs", "weight", "", painted.Bytes/1000)
		b.results.add("docs", "requests", "", painted.Requests)
	}
	return server.alive()
}

// painting is how a page came to be seen.
type painting struct {
	First, Shift    float64 // milliseconds until there was something to see; how far things moved after it
	Bytes, Requests float64
}

// watch is a script that reads a painting, two frames after everything has loaded.
const watch = `new Promise(done => {
	const seen = {First: 0, Shift: 0, Bytes: 0, Requests: 0}
	new PerformanceObserver(list => list.getEntries().forEach(e => { if (e.name === "first-contentful-paint") seen.First = e.startTime })).observe({type: "paint", buffered: true})
	new PerformanceObserver(list => list.getEntries().forEach(e => { seen.Shift += e.value })).observe({type: "layout-shift", buffered: true})
	const end = () => {
		if (!seen.First) return requestAnimationFrame(end)
		const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].filter(e => e.name.startsWith("http"))
		seen.Requests = loaded.length
		seen.Bytes = loaded.reduce((sum, e) => sum + e.transferSize, 0)
		done(seen)
	}
	requestAnimationFrame(() => requestAnimationFrame(end))
})`

// paint opens a page in a tab of its own, whose cache is empty.
func paint(browser context.Context, address string) (painting, error) {
	tab, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer closeTab()
	if _, err := chromedp.Call(tab, network.Enable, network.EnableParams{}); err != nil {
		return painting{}, err
	}
	if err := chromedp.Do(tab, chromedp.Navigate(address)); err != nil {
		return painting{}, fmt.Errorf("open %s: %w", address, err)
	}
	return chromedp.Run(tab, chromedp.Evaluate[painting](watch, chromedp.EvalAwaitPromise))
}
