package store

// Recorded is the statements that the Tx runs from now on, and their arguments.
func (tx *Tx) Recorded() (texts *[]string, args *[][]any) {
	counted := &countingPool{ConnPool: tx.scope.db.Statement.ConnPool}
	tx.scope.db.Statement.ConnPool = counted
	return &counted.Texts, &counted.Args
}

// DueRecoveriesSQL is the statement of DueRecoveries.
func (s *Store) DueRecoveriesSQL() string { return s.sql(dueRecoveries) }
