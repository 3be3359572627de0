package dashboard

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
)

//go:embed assets
var assetFiles embed.FS

// asset is a file that pages load.
type asset struct {
	kind string
	body []byte
}

func readAssets() map[string]asset {
	found := map[string]asset{}
	err := fs.WalkDir(assetFiles, "assets", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := assetFiles.ReadFile(file)
		found[path.Base(file)] = asset{mime.TypeByExtension(path.Ext(file)), body}
		return err
	})
	if err != nil {
		panic("dashboard: its own assets: " + err.Error())
	}
	return found
}

// version stands in the address of every asset: another build, another address.
func version(assets map[string]asset) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(assets)) {
		sum.Write(assets[name].body)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// serveAsset answers with a file that browsers may keep for a year: its address
// changes with it.
func (d *Dashboard) serveAsset(w http.ResponseWriter, r *http.Request) {
	found, ok := d.assets[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", found.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(found.body)
}
