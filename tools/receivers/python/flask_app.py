"""The receiver as a route of a Flask application."""
import os

from flask import Flask, request

from receiver import LIMIT, Receiver, secrets_from_environment
from seen import Seen
from work import DATA, work

receiver = Receiver(secrets_from_environment(), Seen(os.path.join(DATA, "seen.sqlite")), work)
app = Flask(__name__)


@app.post("/webhooks/tbc")
def webhook():
    # Flask answers 413 to a longer body, but of one in chunks it only cuts off the rest: verify has to see one byte more.
    request.max_content_length = LIMIT + 1
    status, text = receiver.answer(request.headers.get("X-TBC-Signature"), request.get_data(cache=False))
    return text, status
