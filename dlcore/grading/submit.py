"""Hand a notebook in: a copy that nobody overwrites, with a receipt.

FOLDER/STUDENT/SLUG-v1/ holds SLUG.ipynb and receipt.json, the next attempt is SLUG-v2. The receipt
says what was handed in and when; with a key (HMAC) nobody without the key can change what it says.
"""

import getpass
import hashlib
import hmac
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from dlcore.grading.check import assignment, masters
from dlcore.grading.course import find_course
from dlcore.grading.intake import LIMIT, Rejected, cells_of, digest
from dlcore.grading.notebook import NotebookError, read

UNSIGNED = "unsigned"


def submit(notebook, to, student=None, key: bytes | None = None, course=None) -> dict:
    """The receipt, after the notebook was copied to the folder `to`."""
    path, student = Path(notebook), student or getpass.getuser()
    if student != Path(student).name or student in (".", ".."):
        raise NotebookError(f"student must be a name without / in it, got {student!r}")
    course = course or find_course(path.resolve().parent)
    slug = assignment(read(path), path, course)
    data = path.read_bytes()
    refuse(data, path, masters(course, slug)[0])
    receipt = {"assignment": slug, "student": student, "sha256": digest(data)}
    receipt["time"] = datetime.now(UTC).isoformat(timespec="seconds")
    return store(Path(to) / student, slug, data, receipt, key)


def refuse(data: bytes, path: Path, released: dict) -> None:
    """Stop where the grader would reject the file, or where nothing was done."""
    if len(data) > LIMIT:
        raise NotebookError(f"{path}: larger than {LIMIT // 1_000_000} MB: clear its outputs first")
    try:
        mine = {cell["source"].strip() for cell in cells_of(data)}
    except Rejected as error:
        raise NotebookError(f"{path}: {error}") from None
    if not mine - {cell["source"].strip() for cell in released["cells"]} - {""}:
        raise NotebookError(
            f"{path}: not handed in, since no cell differs from what you were given"
        )


def store(folder: Path, slug: str, data: bytes, receipt: dict, key) -> dict:
    """Both files in a folder of their own, which appears whole, under a number not yet taken."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = [version(path.name, slug) for path in folder.iterdir()]
    number = max(taken, default=0) + 1
    fresh = Path(tempfile.mkdtemp(prefix=".submitting-", dir=folder))
    fresh.chmod(0o755)
    while True:
        signed = sign(receipt | {"version": number}, key)
        save(fresh / f"{slug}.ipynb", data)
        save(fresh / "receipt.json", json.dumps(signed, indent=1).encode() + b"\n")
        try:
            os.rename(fresh, folder / f"{slug}-v{number}")
            return signed
        except OSError:  # somebody was faster
            if not (folder / f"{slug}-v{number}").exists():
                raise
            number += 1


def save(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def version(name: str, slug: str) -> int:
    """The number of SLUG-v3, 0 for any other name."""
    head, _, number = name.rpartition("-v")
    return int(number) if head == slug and number.isdecimal() else 0


def sign(receipt: dict, key: bytes | None) -> dict:
    return receipt | {"signature": signature(receipt, key) if key else UNSIGNED}


def signature(receipt: dict, key: bytes) -> str:
    text = json.dumps(receipt, sort_keys=True).encode()
    return "hmac-sha256:" + hmac.new(key, text, hashlib.sha256).hexdigest()


def complaint(receipt, data: bytes, key: bytes | None) -> str | None:
    """Why a receipt does not belong to this notebook, None where it does."""
    if not isinstance(receipt, dict) or receipt.get("sha256") != digest(data):
        return "its receipt is for another content"
    rest = {name: value for name, value in receipt.items() if name != "signature"}
    said = str(receipt.get("signature")).encode()
    if key and not hmac.compare_digest(said, signature(rest, key).encode()):
        return "its receipt is not signed with your key"
    return None
