<?php
// The memory of which events have been worked on: a file for each in a folder, named after the hash of its id.

// Calls $work unless it has succeeded for this id before, and returns whether it was called. Deliveries of one event
// wait for each other, in whatever process they are; those of others do not. An id is remembered after the work and
// never before: what fails comes again, and so does what succeeded and could not be remembered.
//
// Marks over 31 days old may be removed (find FOLDER -type f -mtime +31 -delete): nothing is repeated after 30 days.
function once(string $folder, string $id, callable $work): bool
{
    if (!is_dir($folder) && !@mkdir($folder, 0700, true) && !is_dir($folder)) {
        throw new RuntimeException("cannot make $folder");
    }
    $mark = @fopen($folder . '/' . hash('sha256', $id), 'c');
    if (!$mark || !flock($mark, LOCK_EX)) {
        throw new RuntimeException("cannot lock a mark in $folder");
    }
    try {
        if (fstat($mark)['size'] > 0) {
            return false;
        }
        $work();
        if (fwrite($mark, "done\n") === false || !fflush($mark) || !fsync($mark)) {
            throw new RuntimeException("cannot write a mark in $folder");
        }
        return true;
    } finally {
        fclose($mark); // ends the lock too
    }
}
