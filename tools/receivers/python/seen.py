"""The memory of which events have been worked on: a table of SQLite."""
import sqlite3


class Seen:
    """Any number of threads and processes of one machine may use a file."""

    def __init__(self, path):
        self.path = path
        db = self._connect()
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)")
        db.close()

    def _connect(self):
        # Eight seconds is how long one delivery waits for another; the sender waits for ten.
        db = sqlite3.connect(self.path, timeout=8, isolation_level=None)
        db.execute("PRAGMA synchronous = FULL")
        return db

    def once(self, id, work):
        """Calls work(db) unless it has succeeded for this id before, and tells whether it was called.

        The work and the memory of it are one transaction: what work writes through db is there exactly once, whatever
        crashes. What it does elsewhere is done again if this process dies before the commit. Deliveries wait for each
        other meanwhile, so work that takes long should only put a row into a table for another program to do it.
        """
        db = self._connect()
        try:
            db.execute("BEGIN IMMEDIATE")
            if db.execute("INSERT OR IGNORE INTO seen (id) VALUES (?)", (id,)).rowcount == 0:
                return False
            work(db)
            db.execute("COMMIT")
            return True
        finally:
            db.close()  # what is not committed is rolled back
