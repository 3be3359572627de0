package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/thebigclass/api/gen/client"
)

const suffix = ".pdf"

// shelf is the folder with a PDF for each product.
type shelf struct {
	folder string
	limit  int64 // bytes
}

// check tells what is wrong with the folder before the first buyer comes.
func (s shelf) check(fault func(error)) {
	names, err := filepath.Glob(filepath.Join(s.folder, "*"+suffix))
	if err != nil || len(names) == 0 {
		fault(fmt.Errorf("%s has no PDF in it", folderVariable))
	}
	for _, path := range names {
		pdf, err := s.read(filepath.Base(path))
		if err == nil {
			err = inspect(pdf)
		}
		if err != nil {
			fault(fmt.Errorf("%s cannot be used: %w", path, err))
		}
	}
}

// find returns the PDF of what was bought. Neither a PDF nor an error is for what has none and needs none.
func (s shelf) find(item client.OrderItem) (pdf []byte, err error) {
	needed := item.Kind == client.ProductKindDownload
	if item.ProductID == nil || *item.ProductID == "" {
		if needed {
			return nil, errors.New("a download without a productId was sold: no file can be told for it")
		}
		return nil, nil
	}
	// Escaped, an id is the name of a file in this folder and not a path to another one.
	pdf, err = s.read(url.PathEscape(*item.ProductID) + suffix)
	if errors.Is(err, fs.ErrNotExist) && !needed {
		return nil, nil
	}
	return pdf, err
}

func (s shelf) read(name string) ([]byte, error) {
	f, err := os.Open(filepath.Join(s.folder, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pdf, err := io.ReadAll(io.LimitReader(f, s.limit+1))
	if err != nil {
		return nil, err
	}
	return pdf, s.fits(pdf, name)
}

// fits refuses what the mail server would, before it is sent.
func (s shelf) fits(pdf []byte, name string) error {
	if int64(len(pdf)) > s.limit {
		return fmt.Errorf("%s is larger than the %d MB of %s", name, s.limit>>20, limitVariable)
	}
	return nil
}
