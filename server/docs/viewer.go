package docs

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/thebigclass/api/server/docs/explorer"
)

// explorerFolder is where the interactive viewer is. It needs a server beside it, so make docs leaves it out.
const explorerFolder = "explorer/"

// addExplorer adds the viewer's files. The large ones are kept compressed, so that nobody waits for it.
func addExplorer(files map[string]*file) error {
	all, err := explorer.Files()
	if err != nil {
		return err
	}
	for name, content := range all {
		name, isPacked := strings.CutSuffix(explorerFolder+name, ".gz")
		plain, packed := content, content
		if isPacked {
			plain, err = unpack(content)
		} else {
			packed, err = pack(content)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		files[name] = &file{media: mediaOf(name), plain: formOf(plain), packed: formOf(packed)}
	}
	return nil
}

func unpack(packed []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}
