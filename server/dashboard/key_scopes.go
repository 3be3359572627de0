package dashboard

import (
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/thebigclass/api/gen"
)

// scopeGroup is the scopes about one kind of thing.
type scopeGroup struct {
	Name   string
	Scopes []gen.ScopeInfo
}

// scopeGroups are all scopes of the contract, by what they are about.
var scopeGroups = func() (groups []scopeGroup) {
	for _, scope := range gen.Scopes {
		_, about, _ := strings.Cut(scope.Scope, ":")
		name := strings.ReplaceAll(about, "_", " ")
		name = string(unicode.ToUpper(rune(name[0]))) + name[1:]
		i := slices.IndexFunc(groups, func(g scopeGroup) bool { return g.Name == name })
		if i < 0 {
			groups = append(groups, scopeGroup{Name: name})
			i = len(groups) - 1
		}
		groups[i].Scopes = append(groups[i].Scopes, scope)
	}
	return groups
}()

// knownScopes are those of names that the contract has, in its order and each once.
func knownScopes(names []string) (known []string) {
	for _, scope := range gen.Scopes {
		if slices.Contains(names, scope.Scope) {
			known = append(known, scope.Scope)
		}
	}
	return known
}

// firstCall is the path of a call that a key with these scopes can make without knowing anything of the workspace: the
// contract's first list that it may read, or whom it belongs to, which every key may ask.
func firstCall(scopes []string) string {
	for _, op := range gen.Operations {
		if op.Method == http.MethodGet && slices.Contains(scopes, op.Scope) && !strings.Contains(op.Path, "{") &&
			!strings.HasSuffix(op.Path, "/stream") {
			return apiPath + op.Path
		}
	}
	return apiPath + "/me"
}
