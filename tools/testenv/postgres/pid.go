package postgres

// PID is the server's first process, the parent of all others. It is 0 after Stop.
func (c *Cluster) PID() int {
	if c.server == nil {
		return 0
	}
	return c.server.Process.Pid
}
