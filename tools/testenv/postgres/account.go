package postgres

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account returns the user to run the server as: nil, which is the present one, unless that is root.
// PostgreSQL refuses to run as root, so there it is Debian's postgres user, else nobody.
func account() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			return credential(found)
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: " +
		"run this as another user")
}

func credential(found *user.User) (*syscall.Credential, error) {
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", found.Username, err)
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", found.Username, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
