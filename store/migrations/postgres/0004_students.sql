-- Students can be erased, and enrollments are listed and expire by themselves.

-- An erased student is a tombstone: a row with nothing but its id and its times, so that what refers to it may stay.
-- It has no e-mail address and is in no list, so neither the address nor the lists know it any more.
ALTER TABLE students ADD COLUMN deleted_at bigint;
DROP INDEX students_email;
DROP INDEX students_created;
DROP INDEX students_updated;
DROP INDEX students_status;
CREATE UNIQUE INDEX students_email ON students (workspace_id, email_folded) WHERE deleted_at IS NULL;
CREATE INDEX students_created ON students (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX students_updated ON students (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX students_status ON students (workspace_id, status, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX enrollments_status ON enrollments (workspace_id, status, created_at, id);
-- Serves the search for what has expired, over all workspaces: it has only what still can.
CREATE INDEX enrollments_expiry ON enrollments (expires_at)
    WHERE expires_at IS NOT NULL AND status IN ('active', 'completed');
