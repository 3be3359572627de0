"""The receiver as an ASGI application: for uvicorn or hypercorn, or to be mounted in FastAPI or Starlette."""
import asyncio
import os

from receiver import DRAINED, LIMIT, Receiver, secrets_from_environment
from seen import Seen
from work import DATA, work

receiver = Receiver(secrets_from_environment(), Seen(os.path.join(DATA, "seen.sqlite")), work)


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])  # servers take this as: no lifespan, no WebSocket
    if scope["method"] != "POST":
        return await respond(send, 405, "deliveries are POST requests", (b"allow", b"POST"))
    body = await read_body(receive)
    if body is None:
        return  # it broke off: there is nobody to answer
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-tbc-signature"]
    # In a thread, since the work and the database block.
    status, text = await asyncio.to_thread(receiver.answer, ",".join(lines), body)
    await respond(send, status, text)


async def read_body(receive):
    body, size, more = b"", 0, True
    while more and size <= DRAINED:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        size += len(message.get("body", b""))
        if len(body) <= LIMIT:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def respond(send, status, text, *headers):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain"), *headers]})
    await send({"type": "http.response.body", "body": text.encode()})
