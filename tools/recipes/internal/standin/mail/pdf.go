package mail

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// pdfcpu would write settings into the home folder, and decides so in a variable of all its callers.
func init() { api.DisableConfigDir() }

// pages is what is written on each page of a PDF, as far as it is written plainly: texts in parentheses, one byte a letter,
// on the page itself or in a form that is laid over it. That is how stamps are made.
func pages(file io.ReadSeeker) ([]string, error) {
	pdf, err := api.ReadValidateAndOptimize(file, model.NewDefaultConfiguration())
	if err != nil {
		return nil, err
	}
	list := make([]string, pdf.PageCount)
	for n := range list {
		dict, _, inherited, err := pdf.PageDict(n+1, false)
		if err != nil {
			return nil, err
		}
		content, err := pdf.PageContent(dict, n+1)
		if err != nil && !errors.Is(err, model.ErrNoContent) {
			return nil, err
		}
		forms, err := overlays(pdf, inherited.Resources)
		if err != nil {
			return nil, err
		}
		list[n] = strings.Join(append(shown(content), forms...), "\n")
	}
	return list, nil
}

// overlays are the texts of the forms among a page's resources.
func overlays(pdf *model.Context, resources types.Dict) (texts []string, err error) {
	found, _ := resources.Find("XObject")
	objects, err := pdf.DereferenceDict(found)
	if err != nil {
		return nil, err
	}
	for _, object := range objects {
		stream, _, err := pdf.DereferenceStreamDict(object)
		if err != nil {
			return nil, err
		}
		if kind := stream.Subtype(); kind == nil || *kind != "Form" {
			continue
		}
		if err := stream.Decode(); err != nil {
			return nil, err
		}
		texts = append(texts, shown(stream.Content)...)
	}
	return texts, nil
}

// showing is a text and the operator that writes it (ISO 32000-1, 9.4.3).
var showing = regexp.MustCompile(`\(((?:[^\\()]|\\.)*)\)\s*Tj`)

func shown(content []byte) (texts []string) {
	for _, text := range showing.FindAllSubmatch(content, -1) {
		plain, err := types.Unescape(string(text[1]))
		if err != nil {
			plain = text[1]
		}
		letters := make([]rune, len(plain)) // of Latin-1, whose numbers are those of Unicode
		for i, b := range plain {
			letters[i] = rune(b)
		}
		texts = append(texts, string(letters))
	}
	return texts
}
