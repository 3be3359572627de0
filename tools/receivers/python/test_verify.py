"""The shared vectors: webhooks/testdata/vectors.json, or the file that TBC_VECTORS names."""
import json
import os
import unittest
from pathlib import Path

from verify import verify


def vectors():
    path = os.environ.get("TBC_VECTORS") or Path(__file__).resolve().parents[3] / "webhooks/testdata/vectors.json"
    with open(path, encoding="utf-8") as file:
        return json.load(file)["vectors"]


def judge(v, header=None, **clock):
    body = (v["body"] * v.get("repeat", 1)).encode()
    return verify(",".join(v["header"]) if header is None else header, body, v["secrets"], **clock)


class Verify(unittest.TestCase):
    def test_agrees_with_the_shared_vectors(self):
        self.assertGreaterEqual(len(vectors()), 80)
        for v in vectors():
            with self.subTest(v["name"]):
                self.assertEqual(judge(v, now=v["now"]), v["verdict"])

    def test_a_line_end_after_the_header_is_no_part_of_its_form(self):
        first = vectors()[0]
        self.assertEqual(judge(first, first["header"][0] + "\n", now=first["now"]), "malformed")

    def test_no_header_may_be_none(self):
        self.assertEqual(verify(None, b"", ["whsec_a"]), "no_signature")

    def test_the_clock_is_this_machines_if_none_is_given(self):
        self.assertEqual(judge(vectors()[0]), "timestamp")

    def test_an_empty_secret_is_a_mistake_of_the_caller_not_a_verdict(self):
        for secrets in ([], [""], ["whsec_a", ""]):
            with self.assertRaisesRegex(ValueError, "no signing secret"):
                verify("t=1", b"", secrets)


if __name__ == "__main__":
    unittest.main()
