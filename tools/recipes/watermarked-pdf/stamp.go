package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// look is small grey text at the foot of a page, over what is there.
const look = "font:Helvetica, points:8, pos:bc, off:0 12, rot:0, scale:1 abs, fillc:#606060, op:0.8"

// longestLine fits on a page as narrow as A5: the text is not scaled to the page.
const longestLine = 80

// pdfcpu would write settings into the home folder, and decides so in a variable of all its callers.
func init() { api.DisableConfigDir() }

// inspect reads a PDF as stamp does, so that one that cannot be stamped is found before somebody buys it.
func inspect(pdf []byte) error {
	_, err := api.ReadValidateAndOptimize(bytes.NewReader(pdf), model.NewDefaultConfiguration())
	return err
}

// stamp puts the lines on every page.
func stamp(pdf []byte, lines []string) ([]byte, error) {
	mark, err := api.TextWatermark(strings.Join(lines, "\n"), look, true, false, types.POINTS)
	if err != nil {
		return nil, fmt.Errorf("the stamp: %w", err)
	}
	var stamped bytes.Buffer
	if err := api.AddWatermarks(bytes.NewReader(pdf), &stamped, nil, mark, model.NewDefaultConfiguration()); err != nil {
		return nil, err
	}
	return stamped.Bytes(), nil
}

// licence says whose copy it is. A name that the font cannot show is left out as a whole: half of it would be somebody
// else's, and the e-mail address says who it is.
func licence(name, email, order string) []string {
	whose := "Licensed to "
	if shown := printable(name); name != "" && shown == name {
		whose += shown + ", "
	}
	return append(broken(whose+printable(email)), broken("Order "+printable(order))...)
}

// printable replaces what the built-in font has no letter for, and the two signs by which pdfcpu would replace parts of
// the text (% for a page's number, \n for a line end) and which cannot be escaped.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '%' || r == '\\' || (r > '~' && r < '\u00a0') || r > '\u00ff' {
			return '?'
		}
		return r
	}, text)
}

// broken cuts a text into lines.
func broken(text string) (lines []string) {
	letters := []rune(text)
	for len(letters) > longestLine {
		lines, letters = append(lines, string(letters[:longestLine])), letters[longestLine:]
	}
	return append(lines, string(letters))
}
