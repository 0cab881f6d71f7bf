"""From the export of a learning platform, a zip file or a folder, to what `grade` wants.

The names in an export come from strangers. They decide which student and which attempt a notebook
is, never where it is written: that is OUT/<student>/SLUG.ipynb. Nothing else is unpacked.
"""

import csv
import json
import os
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dlcore.grading.intake import LIMIT, Rejected, read_bytes
from dlcore.grading.notebook import NotebookError
from dlcore.grading.submit import complaint, version

ENTRIES = 50_000  # in an export
TOTAL = 8 << 30  # bytes of it, unpacked
RATIO = 200  # of an entry's size to its packed size; notebooks reach 20
NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$")  # browsers add .json or .txt
CANVAS = re.compile(r"(?P<student>[^_/]+)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attempt>\d+)_[^/]+")
MOODLE = re.compile(r"(?P<student>[^/]+?)_(?P<id>\d+)_assignsubmission_file[_/].*")
LEFT_OVER = re.compile(r"(^|/)(__MACOSX|\.ipynb_checkpoints|\.submitting-[^/]*)/|(^|/)\._")
TABLE = "collected.csv"
COLUMNS = ("student", "id", "file", "late", "note")


@dataclass
class Entry:
    """A file of an export, not opened yet."""

    name: str
    time: tuple
    read: Callable[[], bytes]
    refused: str = ""  # why it must not be opened
    student: str = ""
    id: str = ""  # the platform's number of the student
    late: bool = False
    attempt: tuple = field(default=())


def collect(slug: str, uploads, out, key: bytes | None = None) -> list[dict]:
    """The rows of OUT/collected.csv, one for each student: which file was taken, and notes."""
    found = [one for one in entries(Path(uploads)) if not LEFT_OVER.search(one.name)]
    top = common_top(slug, [one.name for one in found if NOTEBOOK.search(one.name)])
    for one in found:
        one.name = one.name.removeprefix(top)
        place(one, slug)
    rows = [row(slug, group, Path(out), key) for group in students(found)]
    rows += [lost(one) for one in found if not one.student and NOTEBOOK.search(one.name)]
    Path(out).mkdir(parents=True, exist_ok=True)
    with open(Path(out) / TABLE, "w", newline="", encoding="utf-8", errors="replace") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows({name: guarded(cell) for name, cell in one.items()} for one in rows)
    return rows


def guarded(value):
    """A cell that no spreadsheet takes for a formula."""
    return "'" + value if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


# What is in an export


def entries(uploads: Path) -> list[Entry]:
    if uploads.is_dir():
        return sorted(in_folder(uploads), key=lambda one: one.name)
    try:
        archive = zipfile.ZipFile(uploads)
    except (OSError, zipfile.BadZipFile) as error:
        raise NotebookError(f"{uploads}: neither a folder nor a zip file ({error})") from None
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > ENTRIES or sum(info.file_size for info in infos) > TOTAL:
        raise NotebookError(
            f"{uploads}: more than {ENTRIES} files or {TOTAL >> 30} GB: not unpacked"
        )
    return [in_zip(archive, info) for info in infos]


def in_folder(top: Path):
    for folder, below, files in os.walk(top):
        below.sort()
        for file in files:
            path = Path(folder) / file
            time = (path.lstat().st_mtime,)
            yield Entry(
                path.relative_to(top).as_posix(), time, lambda f=folder, n=file: read_bytes(f, n)
            )


def in_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    def unpack() -> bytes:
        try:
            with archive.open(info) as file:
                data = file.read(LIMIT + 1)
        except (OSError, zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
            raise Rejected(f"it cannot be unpacked ({error})") from None
        if len(data) > LIMIT:
            raise Rejected(f"it is larger than {LIMIT // 1_000_000} MB")
        return data

    name = info.filename.replace("\\", "/")
    return Entry(name, info.date_time, unpack, danger(info, name))


def danger(info: zipfile.ZipInfo, name: str) -> str:
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\0" in name or re.match(r"[A-Za-z]:", name):
        return "its name leads out of the folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a symbolic link"
    if info.flag_bits & 1:
        return "it is encrypted"
    if info.file_size > RATIO * max(info.compress_size, 1 << 12):
        return f"it unpacks to more than {RATIO} times its size"
    return ""


# Which student, which attempt


def common_top(slug: str, names: list[str]) -> str:
    """The folder that holds the folders of all students, with its /, or nothing."""
    parts = [name.split("/") for name in names]
    if not parts or any(len(one) < 3 for one in parts) or len({one[0] for one in parts}) > 1:
        return ""
    own = all(one[1] == slug or version(one[1], slug) for one in parts)
    return "" if own else parts[0][0] + "/"


def place(one: Entry, slug: str) -> None:
    """Fill in the student and the attempt: names of Canvas, of Moodle, or a folder a student."""
    parts = one.name.split("/")
    known = CANVAS.fullmatch(parts[-1]) or MOODLE.fullmatch(one.name)
    if known:
        words = known.groupdict()
        one.student, one.id, one.late = words["student"], words["id"], bool(words.get("late"))
        tried = int(words.get("attempt") or 0)
    elif len(parts) > 1 and not parts[0].startswith("."):
        one.student, tried = parts[0], max(version(part, slug) for part in parts)
    else:
        return
    again = re.search(r"-(\d+)\.ipynb", parts[-1])
    again = int(again[1]) if again and known else 0  # what Canvas adds to a name used before
    one.attempt = (slug in parts[-1], tried, again, parts[-1] == f"{slug}.ipynb", one.time)


def students(found: list[Entry]) -> list[list[Entry]]:
    """The entries of each student, the latest attempt first; namesakes get their number too."""
    ids, groups = {}, {}
    for one in found:
        ids.setdefault(one.student, set()).add(one.id)
    for one in found:
        if one.student:
            if len(ids[one.student]) > 1:
                one.student = f"{one.student}_{one.id}"
            groups.setdefault(one.student, []).append(one)
    return [sorted(groups[n], key=lambda one: one.attempt, reverse=True) for n in sorted(groups)]


def row(slug: str, files: list[Entry], out: Path, key) -> dict:
    """Write the notebook of a student and say what was done."""
    attempts = [one for one in files if NOTEBOOK.search(one.name)]
    last = attempts[0] if attempts else files[0]
    notes = [f"the latest of {len(attempts)} notebooks"] if len(attempts) > 1 else []
    path = out / last.student / f"{slug}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        if not attempts:
            raise Rejected("no notebook among these files")
        data = content(last)
        beside = f"{last.name.rpartition('/')[0]}/receipt.json"
        receipt = next((one for one in files if one.name == beside), None)
        notes += filter(None, [problem(receipt, data, key)])
        path.write_bytes(data)
    except Rejected as error:
        notes.append(f"refused: {error}")
    made = {"student": last.student, "id": last.id, "file": last.name}
    return made | {"late": "late" if last.late else "", "note": "; ".join(notes)}


def content(one: Entry) -> bytes:
    if one.refused:
        raise Rejected(one.refused)
    return one.read()


def problem(receipt: Entry | None, data: bytes, key) -> str | None:
    if receipt is None:
        return "no receipt" if key else None
    try:
        return complaint(json.loads(content(receipt)), data, key)
    except (ValueError, RecursionError):  # also a Rejected
        return "its receipt cannot be read"


def lost(one: Entry) -> dict:
    note = f"refused: {one.refused or 'its name does not say whose it is'}"
    return {"student": "", "id": "", "file": one.name, "late": "", "note": note}
