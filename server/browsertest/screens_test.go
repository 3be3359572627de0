package browsertest

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/chromedp"
)

// Screens are committed in this folder; make screens sets the variable to it and writes them anew.
const (
	screensFolder   = "../dashboard/screens"
	screensVariable = "TBC_SCREENS"
)

// album is where a walk puts what each of its steps looked like.
type album struct {
	folder string
	keep   bool // into the folder that is committed
}

func newAlbum(p *page) album {
	if folder := os.Getenv(screensVariable); folder != "" {
		return album{folder, true}
	}
	return album{p.TempDir(), false}
}

// add takes a picture of the page and checks that the committed pictures have one of the same step.
func (a album) add(p *page, step string) {
	p.Helper()
	picture, err := smaller(run(p, chromedp.CaptureScreenshot()))
	if err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.folder, step+".png"), picture, 0o644); err != nil {
		p.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(screensFolder, step+".png")); err != nil {
		p.Errorf("the step %s has no picture: run make screens and commit what it writes (%v)", step, err)
	}
}

// smaller draws a PNG with the 256 colours that it uses most, which for a page of text are all that anybody sees.
func smaller(picture []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	used := map[color.RGBA]int{}
	each := func(do func(x, y int, c color.RGBA)) {
		for y := full.Bounds().Min.Y; y < full.Bounds().Max.Y; y++ {
			for x := full.Bounds().Min.X; x < full.Bounds().Max.X; x++ {
				do(x, y, color.RGBAModel.Convert(full.At(x, y)).(color.RGBA))
			}
		}
	}
	each(func(_, _ int, c color.RGBA) { used[c]++ })
	colours := make([]color.RGBA, 0, len(used))
	for c := range used {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int { return cmp.Compare(used[b], used[a]) })
	var palette color.Palette
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colours {
		index[c] = uint8(palette.Index(c))
	}
	reduced := image.NewPaletted(full.Bounds(), palette)
	each(func(x, y int, c color.RGBA) { reduced.SetColorIndex(x, y, index[c]) })
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, reduced)
	return out.Bytes(), err
}
