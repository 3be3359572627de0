"""The conformance script in Python: the steps of tools/clients/README.md, made with the package that
openapi-python-client writes from the contract. It prints one line a step, the same as the scripts in the other
languages, and stops at the first that fails.
"""

import hashlib
import hmac
import json
import os
import re
import sys
import uuid
from collections.abc import Callable

from tbc import AuthenticatedClient
from tbc.api.courses import list_courses
from tbc.api.enrollments import create_enrollment
from tbc.api.students import create_student, get_student, list_students, update_student
from tbc.models import CourseList, EnrollmentCreate, EnrollmentResponse, ErrorResponse
from tbc.models import Student, StudentCreate, StudentList, StudentPatch, StudentResponse
from tbc.types import UNSET, Unset


def connect(key: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=os.environ["TBC_URL"] + "/api/v1", token=os.environ[key])


full, reading, limited = connect("TBC_KEY"), connect("TBC_READ_KEY"), connect("TBC_LIMITED_KEY")


class Unexpected(Exception):
    """What came instead of what a step wants."""


def walk(limit: int) -> tuple[set[str], int]:
    """Follows the cursors to the end. It fails if a student comes twice."""
    seen: set[str] = set()
    pages = 0
    cursor: str | Unset = UNSET
    while True:
        page = list_students.sync(client=full, limit=limit, cursor=cursor)
        if not isinstance(page, StudentList):
            raise Unexpected(page)
        pages += 1
        for student in page.data:
            if student.id in seen:
                raise Unexpected(f"{student.id} comes twice")
            seen.add(student.id)
        if page.pagination.next_cursor is None:
            return seen, pages
        cursor = page.pagination.next_cursor


def list_all() -> str:
    """Two walks in pages of ten and of a hundred must see the same."""
    small, pages = walk(10)
    large, _ = walk(100)
    if pages < 2 or small != large:
        raise Unexpected((pages, len(small), len(large)))
    return "every student once, on two pages or more"


made: list[Student] = []


def create() -> str:
    """Makes a student whom nobody has made before, twice."""
    body = StudentCreate(email=f"python-{uuid.uuid4()}@example.com", display_name="Asha Nair", phone="+919820012345")
    first = create_student.sync_detailed(client=full, body=body)
    again = create_student.sync_detailed(client=full, body=body)
    if not isinstance(first.parsed, StudentResponse) or not isinstance(again.parsed, StudentResponse):
        raise Unexpected((first, again))
    if (first.status_code, again.status_code) != (201, 200) or first.parsed.data.id != again.parsed.data.id:
        raise Unexpected((first, again))
    made.append(first.parsed.data)
    return "201, then 200 with the same student"


def change() -> str:
    """Clears one member with None and leaves the others out."""
    answer = update_student.sync(made[0].id, client=full, body=StudentPatch(phone=None))
    if not isinstance(answer, StudentResponse) or answer.data.phone is not None:
        raise Unexpected(answer)
    if answer.data.display_name != made[0].display_name:
        raise Unexpected(answer)
    return "null clears the phone, and the name stays"


def enrol() -> str:
    courses = list_courses.sync(client=full)
    if not isinstance(courses, CourseList) or not courses.data:
        raise Unexpected(courses)
    body = EnrollmentCreate(student_id=made[0].id, course_id=courses.data[0].id)
    first = create_enrollment.sync_detailed(client=full, body=body)
    again = create_enrollment.sync_detailed(client=full, body=body)
    if not isinstance(first.parsed, EnrollmentResponse) or not isinstance(again.parsed, EnrollmentResponse):
        raise Unexpected((first, again))
    if (first.status_code, again.status_code) != (201, 200) or first.parsed.data.id != again.parsed.data.id:
        raise Unexpected((first, again))
    return "201, then 200 with the same enrollment"


def invalid() -> str:
    answer = create_student.sync_detailed(client=full, body=StudentCreate(email="nobody", display_name=""))
    if answer.status_code != 422 or not isinstance(answer.parsed, ErrorResponse):
        raise Unexpected(answer)
    error = answer.parsed.error
    return f"{error.code} at {' and '.join(sorted(detail.field for detail in error.details or []))}"


def forbidden() -> str:
    body = StudentCreate(email="asha@example.com", display_name="Asha")
    answer = create_student.sync_detailed(client=reading, body=body)
    if answer.status_code != 403 or not isinstance(answer.parsed, ErrorResponse):
        raise Unexpected(answer)
    if "write:students" not in answer.parsed.error.message:
        raise Unexpected(answer)
    return f"{answer.parsed.error.code}, for want of write:students"


def missing() -> str:
    answer = get_student.sync_detailed("stu_none", client=full)
    if answer.status_code != 404 or not isinstance(answer.parsed, ErrorResponse):
        raise Unexpected(answer)
    return str(answer.parsed.error.code)


def refused() -> str:
    """A key of two calls a minute is refused with the fifth call at the latest, if the minute ends in between."""
    for _ in range(5):
        answer = list_students.sync_detailed(client=limited)
        if answer.status_code == 200:
            continue
        if answer.status_code != 429 or not isinstance(answer.parsed, ErrorResponse):
            raise Unexpected(answer)
        error, headers = answer.parsed.error, answer.headers
        if error.retry_after_seconds != int(headers["Retry-After"]):
            raise Unexpected(answer)
        if headers["X-RateLimit-Remaining"] != "0" or int(headers["X-RateLimit-Limit"]) < 1:
            raise Unexpected(answer)
        return f"{error.code}, Retry-After is retryAfterSeconds, no call remains"
    raise Unexpected("five calls passed: give TBC_LIMITED_KEY a limit of two a minute")


def verify(signature: str, body: bytes, secret: str, now: int) -> str:
    """Short, for one secret: server/docs/guides/verifying-signatures.md has the whole of it."""
    form = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", signature)
    if not form:
        return "malformed"
    t, v1 = form.groups()
    if abs(now - int(t)) > 300:
        return "timestamp"
    want = hmac.new(secret.encode(), t.encode() + b"." + body, hashlib.sha256).hexdigest()
    return "ok" if hmac.compare_digest(want, v1) else "mismatch"


def webhook() -> str:
    with open("signed-example.json", encoding="utf-8") as file:
        signed = json.load(file)
    body, at = signed["body"].encode(), signed["timestamp"]
    changed = bytearray(body)
    changed[len(changed) // 2] ^= 1
    verdicts = [
        verify(signed["signature"], body, signed["secret"], at),
        verify(signed["signature"], bytes(changed), signed["secret"], at),
        verify(signed["signature"], body, signed["secret"], at + 600),
    ]
    if verdicts != ["ok", "mismatch", "timestamp"]:
        raise Unexpected(verdicts)
    return "taken as signed, refused with a byte changed, refused ten minutes later"


STEPS: dict[str, Callable[[], str]] = {
    "list": list_all, "create": create, "change": change, "enrol": enrol,
    "422": invalid, "403": forbidden, "404": missing, "429": refused, "webhook": webhook,
}

for name, step in STEPS.items():
    try:
        print(f"{name}: {step()}", flush=True)
    except Exception as error:  # whatever a step throws is how it fails
        sys.exit(f"{name}: {error!r}")
