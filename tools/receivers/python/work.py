"""What is done with an event: replace it with yours. Here each becomes a line of events.jsonl."""
import json
import os

DATA = os.environ.get("TBC_DATA", ".")  # the folder of events.jsonl and seen.sqlite


def work(event, db):
    """It has to be safe on the disk, or in a database, when this returns: after the answer nobody sends it again.

    What you write through db instead, the connection of Seen, is written exactly once.
    """
    with open(os.path.join(DATA, "events.jsonl"), "a", encoding="utf-8", opener=private) as file:
        file.write(json.dumps(event) + "\n")
        file.flush()
        os.fsync(file.fileno())
    print(event["type"], event["id"], flush=True)


def private(path, flags):
    return os.open(path, flags, 0o600)  # events hold names and addresses
