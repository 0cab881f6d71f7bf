"""From a stranger's file to the cells of a notebook, or to the reason why not.

Nothing here runs or compiles what the file holds, and no link is followed: the file is opened
below the folder of its student and must be a regular one.
"""

import hashlib
import json
import os
import stat

from dlcore.grading.notebook import NotebookError, tidy

LIMIT = 10_000_000  # bytes
CELLS = 5000


class Rejected(ValueError):
    """The submission cannot be graded; the message says why, for its student."""


def read_bytes(folder: str, name: str) -> bytes:
    """The content of `name` in `folder`, a regular file of at most 10 MB."""
    try:
        where = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise Rejected(f"the student's folder cannot be opened ({error.strerror})") from None
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=where)
    except FileNotFoundError:
        raise Rejected(f"there is no {name}") from None
    except OSError as error:
        link = os.path.islink(os.path.join(folder, name))
        reason = "it is a symbolic link" if link else error.strerror
        raise Rejected(f"{name} cannot be opened ({reason})") from None
    finally:
        os.close(where)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise Rejected(f"{name} is not a regular file")
    with open(file, "rb") as opened:
        data = opened.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise Rejected(f"{name} is larger than {LIMIT // 1_000_000} MB")
    return data


def cells_of(data: bytes) -> list[dict]:
    """The cells of a notebook: type, source and grade_id, checked."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Rejected("not a notebook (the file is not UTF-8 text)") from None
    try:
        content = json.loads(text, parse_int=small_int)
    except (ValueError, RecursionError, MemoryError):
        raise Rejected("not a notebook (the file is not valid JSON)") from None
    try:
        cells = tidy(content)["cells"]
    except NotebookError as error:
        raise Rejected(str(error)) from None
    if len(cells) > CELLS:
        raise Rejected(f"not a notebook of a course (more than {CELLS} cells)")
    return cells


def small_int(text: str) -> int:
    """Python refuses numbers of thousands of digits; in an output of a notebook they do no harm."""
    return int(text) if len(text) < 30 else 0


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
