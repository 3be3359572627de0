package server

import "time"

// SetStreamPatience lets a test wait less for readers that take nothing. Call it before the first stream.
func (a *API) SetStreamPatience(d time.Duration) { a.streams.patience = d }
