"""The receiver on a server of its own. It needs Python alone."""
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from receiver import DRAINED, Receiver, secrets_from_environment
from seen import Seen
from work import DATA, work


class Handler(BaseHTTPRequestHandler):
    timeout = 15  # nobody holds a connection open by sending nothing
    receiver = None

    def do_POST(self):
        try:
            body = read_body(self.headers, self.rfile)
        except ValueError as error:
            return self.respond(400, str(error))
        # No line at all is None, which is another verdict than a line that says nothing sensible.
        lines = self.headers.get_all("X-TBC-Signature")
        self.respond(*self.receiver.answer(lines and ",".join(lines), body))

    def refuse_method(self):
        self.respond(405, "deliveries are POST requests")

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = refuse_method

    def respond(self, status, text):
        self.send_response(status)
        if status == 405:
            self.send_header("Allow", "POST")
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(text.encode())


def read_body(headers, stream):
    """All of a body, or more than the limit of one that is too long. http.server leaves its length to us."""
    if "Transfer-Encoding" in headers:
        return read_chunks(stream)
    length = headers.get("Content-Length", "0")
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise ValueError("malformed length")
    wanted = min(int(length), DRAINED)
    body = stream.read(wanted)
    if len(body) < wanted:
        raise ValueError("the body broke off")
    return body


def read_chunks(stream):
    """We always send a length. A proxy between us and you may not."""
    body = b""
    while len(body) < DRAINED:
        size = re.fullmatch(rb"([0-9A-Fa-f]{1,8})(;[^\n]*)?\r?\n", stream.readline(1024))
        if not size:
            raise ValueError("malformed chunks, or the body broke off")
        length = int(size[1], 16)
        if length == 0:
            return body
        chunk = stream.read(min(length, DRAINED))
        if len(chunk) < length or stream.readline(3) not in (b"\r\n", b"\n"):
            raise ValueError("the body broke off")
        body += chunk
    return body


if __name__ == "__main__":
    Handler.receiver = Receiver(secrets_from_environment(), Seen(os.path.join(DATA, "seen.sqlite")), work)
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 8090))), Handler)
    print(f"Listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
