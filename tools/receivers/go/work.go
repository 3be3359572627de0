package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/thebigclass/api/webhooks"
)

// work is what is done with an event: replace it with yours. Here each becomes a line of events.jsonl. It has to be
// safe on the disk, or in your database, when this returns: after the answer nobody sends it again. What you write
// through [transaction] instead is written exactly once.
func work(_ context.Context, d webhooks.Delivery) (err error) {
	var line bytes.Buffer
	if err := json.Compact(&line, d.Body); err != nil {
		return err
	}
	line.WriteByte('\n')
	file, err := os.OpenFile(data("events.jsonl"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(line.Bytes()); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, d.Event.Type, d.Event.ID)
	return nil
}

// data is where a file of the receiver is: in the folder of TBC_DATA, or the present one.
func data(name string) string { return filepath.Join(os.Getenv("TBC_DATA"), name) }
