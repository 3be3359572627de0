package main

import (
	"errors"
	"fmt"
	"os"
)

// lockName is a file that stays empty. Removing it would let two exports in, one
// with the old and one with the new file, so it stays when an export ends.
const lockName = ".tbc-export.lock"

// lock keeps other exports out of the folder until it is closed.
func lock(d *disk) (*os.File, error) {
	f, err := os.OpenFile(d.path(lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	taken, err := tryLock(f)
	if err == nil && !taken {
		err = fmt.Errorf("another export is writing to %s", d.folder)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
