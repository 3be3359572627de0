import os
import time

from tbc import AuthenticatedClient
from tbc.api.students import list_students
from tbc.models import ErrorCode, ErrorResponse, StudentList
from tbc.types import UNSET, Unset

client = AuthenticatedClient(base_url=os.environ["TBC_URL"] + "/api/v1", token=os.environ["TBC_KEY"])
cursor: str | Unset | None = UNSET
while cursor is not None:
    answer = list_students.sync(client=client, cursor=cursor)
    if isinstance(answer, ErrorResponse) and answer.error.code == ErrorCode.RATE_LIMITED:
        time.sleep(answer.error.retry_after_seconds or 60)
        continue
    if not isinstance(answer, StudentList):
        raise RuntimeError(answer)
    for student in answer.data:
        print(student.email)
    cursor = answer.pagination.next_cursor
