package requestlog

import "github.com/thebigclass/api/store"

const (
	// trimEvery is how many lines of a key are written between two trims: each looks at all lines that are kept.
	trimEvery = 100
	// rememberedKeys bounds what is remembered. Forgetting a key costs one trim more.
	rememberedKeys = 20_000
)

// trims knows how many lines of each key were written since its last trim. A key that it does not know is due: other
// processes, and this one before it was restarted, may have written any number.
type trims struct{ since map[string]int }

// due are the keys to be trimmed together with these lines.
func (t *trims) due(lines []store.Request) []store.KeyRef {
	fresh := map[string]int{}
	var keys []store.KeyRef
	for _, line := range lines {
		fresh[line.KeyID]++
		if fresh[line.KeyID] > 1 {
			continue
		}
		if since, known := t.since[line.KeyID]; !known || since >= trimEvery {
			keys = append(keys, store.KeyRef{WorkspaceID: line.WorkspaceID, KeyID: line.KeyID})
		}
	}
	return keys
}

// done notes that a group was written.
func (t *trims) done(group store.RequestGroup) {
	if t.since == nil || len(t.since) > rememberedKeys {
		t.since = map[string]int{}
	}
	for _, line := range group.Requests {
		t.since[line.KeyID]++
	}
	for _, key := range group.Trim {
		t.since[key.KeyID] = 0
	}
}
