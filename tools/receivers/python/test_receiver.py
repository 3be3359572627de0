"""What is Python's own; the cases that all languages share are posted by ../receivers_test.go."""
import hashlib
import hmac
import io
import os
import time
import unittest
from unittest import mock

from receiver import Receiver, secrets_from_environment
from server import DRAINED, read_body


class Anew:
    """Remembers nothing."""

    def once(self, id, work):
        work(None)
        return True


def signed(body):
    t = str(int(time.time()))
    return f"t={t},v1=" + hmac.new(b"whsec_a", t.encode() + b"." + body, hashlib.sha256).hexdigest()


class ReceiverTest(unittest.TestCase):
    def answer(self, body):
        self.worked = []
        receiver = Receiver(["whsec_a"], Anew(), lambda event, db: self.worked.append(event["id"]))
        return receiver.answer(signed(body), body)[0]

    def test_an_event_reaches_the_work(self):
        self.assertEqual(self.answer('{"id": "evt_1", "type": "a", "name": "आशा"}'.encode()), 204)
        self.assertEqual(self.worked, ["evt_1"])

    def test_what_the_json_module_takes_beyond_json_is_refused(self):
        event = '{"id": "evt_1", "type": "a"}'
        nan = event[:-1] + ', "data": NaN}'
        for body in (event.encode("utf-8-sig"), event.encode("utf-16"), nan.encode(), b"[" * 50_000):
            with self.subTest(body[:30]), self.assertLogs(level="WARNING"):
                self.assertEqual(self.answer(body), 400)
                self.assertEqual(self.worked, [])

    def test_a_receiver_without_a_secret_does_not_start(self):
        for text in ("", "whsec_a,", " "):
            with mock.patch.dict(os.environ, TBC_WEBHOOK_SECRET=text):
                with self.assertRaisesRegex(ValueError, "no signing secret"):
                    Receiver(secrets_from_environment(), Anew(), None)
        with mock.patch.dict(os.environ, TBC_WEBHOOK_SECRET="whsec_new, whsec_old\n"):
            self.assertEqual(secrets_from_environment(), ["whsec_new", "whsec_old"])


class ReadBody(unittest.TestCase):
    def read(self, wire, **headers):
        return read_body({name.replace("_", "-"): value for name, value in headers.items()}, io.BytesIO(wire))

    def test_takes_a_length_or_chunks(self):
        self.assertEqual(self.read(b"abcdef", Content_Length="3"), b"abc")
        self.assertEqual(self.read(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", Transfer_Encoding="chunked"), b"abcde")
        self.assertEqual(self.read(b"abc"), b"")

    def test_refuses_what_breaks_off_or_is_no_length(self):
        for wire, headers in (
            (b"ab", {"Content_Length": "3"}),
            (b"", {"Content_Length": "-1"}),
            (b"", {"Content_Length": "1_0"}),
            (b"3\r\nab", {"Transfer_Encoding": "chunked"}),
            (b"3\r\nabc\r\n", {"Transfer_Encoding": "chunked"}),
            (b"3\r\nabcd\r\n", {"Transfer_Encoding": "chunked"}),
            (b"-3\r\nabc\r\n0\r\n", {"Transfer_Encoding": "chunked"}),
        ):
            with self.subTest(wire=wire, headers=headers), self.assertRaises(ValueError):
                self.read(wire, **headers)

    def test_reads_no_more_than_a_mebibyte_of_what_is_too_long(self):
        endless = b"x" * (2 * DRAINED)
        self.assertEqual(len(self.read(endless, Content_Length=str(10**15))), DRAINED)
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        self.assertLess(len(self.read(chunk * 100, Transfer_Encoding="chunked")), DRAINED + 0x8000 + 1)


if __name__ == "__main__":
    unittest.main()
