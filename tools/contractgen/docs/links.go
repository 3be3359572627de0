package docs

import (
	"regexp"
	"strings"
)

// anchored finds the anchors of a rendered page.
var anchored = regexp.MustCompile(` id="([^"]*)"`)

// served are the names beside the pages that a page may link to: the contract, which the server and make docs add.
var served = []string{"openapi.yaml", "llms.txt"}

// checkLinks follows every link of every guide to a page and an anchor that exist.
func (s *site) checkLinks() {
	anchors := map[string]map[string]bool{} // by page
	for _, name := range s.names(".html") {
		anchors[name] = map[string]bool{"": true}
		for _, found := range anchored.FindAllSubmatch(s.files[name], -1) {
			anchors[name][string(found[1])] = true
		}
	}
	for _, name := range served {
		anchors[name] = map[string]bool{"": true}
	}
	for _, g := range s.guides {
		for _, link := range g.rendered.links {
			if external(link.address) {
				continue
			}
			page, anchor, _ := strings.Cut(link.address, "#")
			if page == "" {
				page = g.Name + ".md"
			}
			if name, isPage := strings.CutSuffix(page, ".md"); isPage {
				page = name + ".html"
			}
			switch {
			case anchors[page] == nil:
				s.wrong(g.Name+".md", link.line, "the link to "+link.address+" leads to no page")
			case !anchors[page][anchor]:
				s.wrong(g.Name+".md", link.line, "the page of "+link.address+" has no such anchor")
			}
		}
	}
}
