"""The receiver, without a server: server.py, flask_app.py and asgi.py put it behind one."""
import json
import logging
import os

from verify import verify

LIMIT = 102400  # as in verify
DRAINED = 1 << 20  # what is too long is read up to here: closing on a sender that still writes loses the answer

STATUS = {"body_too_large": 413, "no_signature": 401, "mismatch": 401, "malformed": 400, "timestamp": 400}


def secrets_from_environment():
    """One secret, or during a change both with a comma between them."""
    return [secret.strip() for secret in os.environ.get("TBC_WEBHOOK_SECRET", "").split(",")]


class Receiver:
    """seen is a Seen, or whatever has a once like it. work gets the event and seen's database, and raises if it fails."""

    def __init__(self, secrets, seen, work):
        if not secrets or "" in secrets:
            raise ValueError("no signing secret: set TBC_WEBHOOK_SECRET")
        self.secrets, self.seen, self.work = secrets, seen, work

    def answer(self, signature, body):
        """Returns the status and a text for the sender's delivery log.

        signature is X-TBC-Signature, several lines of it joined with commas, or None. body is bytes: all of them, or
        more than LIMIT.
        """
        verdict = verify(signature, body, self.secrets)
        if verdict != "ok":
            logging.warning("refused: %s", verdict)
            return STATUS[verdict], verdict
        try:
            event = parse(body)
        except (ValueError, RecursionError) as error:
            logging.warning("refused: body is not an event: %s", error)
            return 400, "body is not an event"
        try:
            self.seen.once(event["id"], lambda db: self.work(event, db))
        except Exception:  # whatever it was: the event must come again
            logging.exception("%s not processed, to be delivered again", event["id"])
            return 500, "the event could not be processed"
        return 204, ""


def parse(body):
    """Raises ValueError for what is no event.

    json.loads takes bytes too, but then a byte order mark or UTF-16 as well, which other receivers refuse.
    """
    event = json.loads(body.decode("utf-8"), parse_constant=refuse)
    if not isinstance(event, dict):
        raise ValueError("it is no object")
    for name in ("id", "type"):
        if not isinstance(event.get(name), str) or not event[name]:
            raise ValueError(f"it has no {name}")
    return event


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")
