package postgres

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"

	"github.com/thebigclass/api/tools/testenv/debian"
)

// ErrMissing says what to install. It is the whole message that a person sees, so it is a sentence.
var ErrMissing = errors.New("PostgreSQL is not on this machine: install it " +
	"(Debian and Ubuntu: sudo apt-get install postgresql; macOS: brew install postgresql), " +
	"or set TBC_TEST_POSTGRES_URL to a server on which you may create databases")

// debianPattern is where Debian keeps the server's programs, which are not on PATH there.
const debianPattern = "/usr/lib/postgresql/*/bin"

// Programs returns the folder that holds initdb and postgres: the newest of Debian's, else that of PATH.
func Programs() (string, error) {
	folders, err := filepath.Glob(debianPattern)
	if err != nil {
		return "", err
	}
	sort.Slice(folders, func(i, j int) bool { return debianVersion(folders[i]) > debianVersion(folders[j]) })
	if path, err := exec.LookPath("initdb"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	for _, folder := range folders {
		if hasServer(folder) {
			return folder, nil
		}
	}
	return "", ErrMissing
}

// ProgramsOrInstall is Programs, and where they are missing it installs Debian's package if it may.
func ProgramsOrInstall(ctx context.Context, log io.Writer) (string, error) {
	return debian.FindOrInstall(ctx, log, debian.Wanted{Find: Programs, Missing: ErrMissing, Packages: []string{"postgresql"}})
}

// hasServer reports whether the folder holds the server and not only the client programs.
func hasServer(folder string) bool {
	for _, name := range []string{"initdb", "postgres", "pg_isready"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// debianVersion reads the 15 of /usr/lib/postgresql/15/bin; as text, 9 would be newer than 15.
func debianVersion(folder string) float64 {
	version, err := strconv.ParseFloat(filepath.Base(filepath.Dir(folder)), 64)
	if err != nil {
		return 0
	}
	return version
}
