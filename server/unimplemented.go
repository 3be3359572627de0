package server

import (
	"context"
	"errors"

	"github.com/thebigclass/api/gen"
)

// unimplemented answers the operations of the contract that have no handler yet.
type unimplemented struct{}

var errUnimplemented = errors.New("the operation has no handler")
