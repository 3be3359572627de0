<?php
// What is done with an event: replace it with yours. Here each becomes a line of events.jsonl in TBC_DATA.

// It has to be safe on the disk, or in your database, when this returns: after the answer nobody sends it again.
function work(array $event): void
{
    $file = fopen(getenv('TBC_DATA') . '/events.jsonl', 'a'); // a failure throws: index.php sees to that
    try {
        flock($file, LOCK_EX);
        fwrite($file, json_encode($event, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE) . "\n");
        if (!fflush($file) || !fsync($file)) {
            throw new RuntimeException('cannot write events.jsonl');
        }
    } finally {
        fclose($file);
    }
    error_log("$event[type] $event[id]");
}
