"""Handing in and collecting: receipts, versions, names of learning platforms, hostile archives."""

import csv
import io
import json
import os
import stat
import zipfile

import pytest
from classroom import SLUG, TASKS, master, stub, submission

from dlcore.grading import submit as handing
from dlcore.grading.__main__ import main
from dlcore.grading.collect import collect
from dlcore.grading.course import Course
from dlcore.grading.notebook import NotebookError, dumps
from dlcore.grading.release import release
from dlcore.grading.submit import complaint, submit

KEY = b"0123456789abcdef"


@pytest.fixture
def course(tmp_path):
    course = Course(tmp_path / "course")
    course.solution(SLUG).parent.mkdir(parents=True)
    notebook = master()
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"c{number}"
    course.solution(SLUG).write_text(dumps(notebook), encoding="utf-8")
    release(course, SLUG)
    return course


@pytest.fixture
def mine(course):
    path = course.root / f"{SLUG}.ipynb"
    path.write_text(json.dumps(submission()), encoding="utf-8")
    return path


# submit


def test_a_submission_is_copied_with_a_receipt_that_tells_its_content(course, mine, tmp_path):
    receipt = submit(mine, tmp_path / "in", "ana")
    folder = tmp_path / "in" / "ana" / f"{SLUG}-v1"
    assert sorted(os.listdir(folder)) == [f"{SLUG}.ipynb", "receipt.json"]
    assert (folder / f"{SLUG}.ipynb").read_bytes() == mine.read_bytes()
    assert json.loads((folder / "receipt.json").read_text()) == receipt
    assert receipt["signature"] == "unsigned" and receipt["time"].endswith("+00:00")
    assert (receipt["assignment"], receipt["student"], receipt["version"]) == (SLUG, "ana", 1)
    assert complaint(receipt, mine.read_bytes(), None) is None
    assert "another content" in complaint(receipt, b"other", None)


def test_a_signed_receipt_cannot_be_changed_without_the_key(mine, tmp_path):
    receipt = submit(mine, tmp_path / "in", "ana", KEY)
    data = mine.read_bytes()
    assert complaint(receipt, data, KEY) is None
    for change in ({"time": "2020-01-01T00:00:00+00:00"}, {"student": "ben"}, {"signature": "x"}):
        assert "not signed" in complaint(receipt | change, data, KEY)
    assert "not signed" in complaint(receipt, data, b"another key, just as long")


def test_a_second_submission_is_a_version_and_overwrites_nothing(mine, tmp_path):
    submit(mine, tmp_path / "in", "ana")
    first = mine.read_bytes()
    mine.write_text(json.dumps(submission(double="def double(x): return x")), encoding="utf-8")
    assert submit(mine, tmp_path / "in", "ana")["version"] == 2
    assert (tmp_path / "in" / "ana" / f"{SLUG}-v1" / f"{SLUG}.ipynb").read_bytes() == first
    assert not list((tmp_path / "in" / "ana").glob(".submitting*"))


def test_two_at_the_same_moment_get_two_versions(mine, tmp_path, monkeypatch):
    submit(mine, tmp_path / "in", "ana")
    monkeypatch.setattr(handing, "version", lambda name, slug: 0)  # it does not see the first
    assert submit(mine, tmp_path / "in", "ana")["version"] == 2


def untouched():
    """As released, with an empty cell more."""
    filled = {name: stub(name) for name in TASKS}
    notebook = submission(**filled)
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": " \n"})
    return json.dumps(notebook)


@pytest.mark.parametrize(
    "content, words",
    [
        ("{", "not valid JSON"),
        (json.dumps({"nbformat": 3, "cells": []}), "notebook format 3"),
        (untouched(), "no cell differs from what you were given"),
        (json.dumps(submission()) + " " * 10_000_000, "larger than 10 MB"),
    ],
)
def test_what_cannot_be_graded_is_not_taken_and_the_reason_said(
    mine, tmp_path, capsys, content, words
):
    mine.write_text(content, encoding="utf-8")
    assert main(["submit", str(mine), "--to", str(tmp_path / "in")]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    assert not (tmp_path / "in").exists()


def test_the_command_says_where_it_is_and_that_it_is_unsigned(mine, tmp_path, capsys, monkeypatch):
    line = ["submit", str(mine), "--to", str(tmp_path / "in"), "--student", "ana"]
    assert main(line) == 0
    assert f"{SLUG}-v1" in (said := capsys.readouterr().out) and "unsigned" in said
    (tmp_path / "key").write_bytes(KEY + b"\n")
    monkeypatch.setenv("DLCORE_SUBMIT_KEY", str(tmp_path / "key"))
    assert main(line) == 0 and "unsigned" not in capsys.readouterr().out
    (tmp_path / "key").write_bytes(b"short")
    assert main(line) == 2 and "at least 16 bytes, got 5" in capsys.readouterr().err
    monkeypatch.delenv("DLCORE_SUBMIT_KEY")
    assert main([*line[:4], "--student", "../ben"]) == 2
    assert "without / in it, got '../ben'" in capsys.readouterr().err


# collect


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def table(out):
    with open(out / "collected.csv", newline="", encoding="utf-8") as file:
        return {row["student"] or row["file"]: row for row in csv.DictReader(file)}


def taken(out):
    return {path.parent.name: path.read_text() for path in out.glob(f"*/{SLUG}.ipynb")}


EXPORTS = {
    "canvas": {
        "anameier_101_5001_hw-one.ipynb": "old",
        "anameier_101_5002_hw-one-1.ipynb": "new",
        "benli_LATE_102_5003_my homework.ipynb": "late",
        "cleo_103_5004_hw-one.ipynb.txt": "renamed by the browser",
        "dan_104_5005_photo.png": "no notebook",
    },
    "moodle": {
        "Ana Meier_101_assignsubmission_file/hw-one.ipynb": "new",
        "Ana Meier_101_assignsubmission_file/data/extra.ipynb": "not this",
        "Ben Li_102_assignsubmission_file_hw-one.ipynb": "flat",
        "Ben Li_103_assignsubmission_file/hw-one.ipynb": "namesake",
    },
    "folders": {
        "hw-one uploads/ana/hw-one.ipynb": "new",
        "hw-one uploads/ana/.ipynb_checkpoints/hw-one-checkpoint.ipynb": "left over",
        "hw-one uploads/ben/work/final.ipynb": "only one",
        "__MACOSX/hw-one uploads/ana/._hw-one.ipynb": "left over",
    },
    "submit": {
        "ana/hw-one-v2/hw-one.ipynb": "old",
        "ana/hw-one-v10/hw-one.ipynb": "new",
    },
}
WANTED = {
    "canvas": {"anameier": "new", "benli": "late", "cleo": "renamed by the browser"},
    "moodle": {"Ana Meier": "new", "Ben Li_102": "flat", "Ben Li_103": "namesake"},
    "folders": {"ana": "new", "ben": "only one"},
    "submit": {"ana": "new"},
}


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("kind", EXPORTS)
def test_every_platforms_names_lead_to_the_right_student(tmp_path, kind, packed):
    if packed:
        uploads = zipped(tmp_path / "uploads.zip", EXPORTS[kind])
    else:
        uploads = tmp_path / "uploads"
        for name, content in EXPORTS[kind].items():
            (uploads / name).parent.mkdir(parents=True, exist_ok=True)
            (uploads / name).write_text(content)
    collect(SLUG, uploads, tmp_path / "out")
    assert taken(tmp_path / "out") == WANTED[kind]


def test_the_table_tells_numbers_lateness_attempts_and_who_sent_no_notebook(tmp_path, capsys):
    uploads = zipped(tmp_path / "uploads.zip", EXPORTS["canvas"])
    assert main(["collect", SLUG, str(uploads), "--out", str(tmp_path / "out")]) == 1
    rows = table(tmp_path / "out")
    assert rows["anameier"]["note"] == "the latest of 2 notebooks"
    assert rows["anameier"]["file"] == "anameier_101_5002_hw-one-1.ipynb"
    assert (rows["benli"]["id"], rows["benli"]["late"], rows["cleo"]["late"]) == ("102", "late", "")
    assert rows["dan"]["note"] == "refused: no notebook among these files"
    assert (tmp_path / "out" / "dan").is_dir()  # so that `grade` has a result for them too
    assert "3 notebooks" in (said := capsys.readouterr().out) and "1 refused" in said


def test_a_second_collection_takes_what_is_new(tmp_path):
    for content in ("old", "new"):
        zipped(tmp_path / "uploads.zip", {"ana/hw-one.ipynb": content})
        collect(SLUG, tmp_path / "uploads.zip", tmp_path / "out")
    assert taken(tmp_path / "out") == {"ana": "new"}


def link(name):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


HOSTILE = {
    "slip": ("../../eve/hw-one.ipynb", "{}", "leads out"),
    "deep slip": ("eve/../../../x/hw-one.ipynb", "{}", "leads out"),
    "absolute": ("/eve/hw-one.ipynb", "{}", "leads out"),
    "windows": ("eve\\..\\..\\hw-one.ipynb", "{}", "leads out"),
    "drive": ("C:/eve/hw-one.ipynb", "{}", "leads out"),
    "link": (link("eve/hw-one.ipynb"), "/etc/passwd", "symbolic link"),
    "bomb": ("eve/hw-one.ipynb", b" " * 9_000_000, "200 times"),
    "large": ("eve/hw-one.ipynb", os.urandom(10_000_001), "larger than 10 MB"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_entry_is_refused_and_the_others_are_taken(tmp_path, name):
    entry, content, words = HOSTILE[name]
    uploads = zipped(tmp_path / "uploads.zip", {"ana/hw-one.ipynb": "good", entry: content})
    rows = collect(SLUG, uploads, tmp_path / "a" / "out")
    assert [words in row["note"] for row in rows].count(True) == 1
    assert taken(tmp_path / "a" / "out") == {"ana": "good"}
    inside = {"uploads.zip", "a", "out", "collected.csv", "ana", "eve", "C:", "hw-one.ipynb"}
    assert {path.name for path in tmp_path.rglob("*")} <= inside
    assert not list(tmp_path.glob("a/*.ipynb")) and not (tmp_path / "eve").exists()


def test_damaged_and_encrypted_entries_are_refused(tmp_path):
    uploads = zipped(
        tmp_path / "uploads.zip", {"ana/hw-one.ipynb": "good", "eve/hw-one.ipynb": "x"}
    )
    data = bytearray(uploads.read_bytes())
    data[data.index(b"eve/hw-one.ipynb") + len("eve/hw-one.ipynb")] ^= 0xFF
    uploads.write_bytes(data)
    ana, eve = collect(SLUG, uploads, tmp_path / "out")
    assert ana["note"] == "" and "cannot be unpacked" in eve["note"]
    flags = data.rindex(b"PK\1\2") + 8
    data[flags] |= 1
    uploads.write_bytes(data)
    assert "encrypted" in collect(SLUG, uploads, tmp_path / "out")[1]["note"]


def test_an_archive_with_too_much_in_it_is_not_unpacked(tmp_path, monkeypatch, capsys):
    uploads = zipped(tmp_path / "uploads.zip", {f"s{i}/hw-one.ipynb": "x" for i in range(5)})
    for limit in ("ENTRIES", "TOTAL"):
        with monkeypatch.context() as patch:
            patch.setattr(f"dlcore.grading.collect.{limit}", 4)
            assert main(["collect", SLUG, str(uploads), "--out", str(tmp_path / "out")]) == 2
        assert "not unpacked" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_link_in_a_folder_of_uploads_is_refused(tmp_path):
    (tmp_path / "in" / "eve").mkdir(parents=True)
    (tmp_path / "in" / "eve" / "hw-one.ipynb").symlink_to("/etc/passwd")
    (row,) = collect(SLUG, tmp_path / "in", tmp_path / "out")
    assert "symbolic link" in row["note"] and taken(tmp_path / "out") == {}


def test_what_is_no_zip_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "x.zip").write_text("no zip")
    assert main(["collect", SLUG, str(tmp_path / "x.zip"), "--out", str(tmp_path / "out")]) == 2
    assert "neither a folder nor a zip file" in capsys.readouterr().err


def test_receipts_are_checked_with_the_key(mine, tmp_path):
    for student, key in (("ana", KEY), ("ben", None), ("cleo", KEY), ("dan", KEY)):
        submit(mine, tmp_path / "in", student, key)
    changed = tmp_path / "in" / "cleo" / f"{SLUG}-v1" / f"{SLUG}.ipynb"
    changed.write_text(json.dumps(submission(double="x")), encoding="utf-8")
    (tmp_path / "in" / "dan" / f"{SLUG}-v1" / "receipt.json").write_text("{")
    (tmp_path / "in" / "eve").mkdir()
    (tmp_path / "in" / "eve" / "hw-one.ipynb").write_bytes(mine.read_bytes())
    notes = [row["note"] for row in collect(SLUG, tmp_path / "in", tmp_path / "out", KEY)]
    words = ["", "not signed with your key", "another content", "cannot be read", "no receipt"]
    assert [word in note for word, note in zip(words, notes, strict=True)] == [True] * 5
    assert notes[0] == "" and len(taken(tmp_path / "out")) == 5


def test_names_in_the_table_are_no_formulas(tmp_path):
    uploads = zipped(tmp_path / "uploads.zip", {"=cmd()/hw-one.ipynb": "x"})
    collect(SLUG, uploads, tmp_path / "out")
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / "collected.csv").read_text())))
    assert rows[1][0] == "'=cmd()"


def test_a_submission_can_be_collected_and_read_by_its_student(mine, tmp_path):
    with pytest.raises(NotebookError, match="student must be a name"):
        submit(mine, tmp_path / "in", "..")
    submit(mine, tmp_path / "in", "ana")
    assert os.stat(tmp_path / "in" / "ana" / f"{SLUG}-v1").st_mode & 0o055 == 0o055
    collect(SLUG, tmp_path / "in", tmp_path / "out")
    assert json.loads(taken(tmp_path / "out")["ana"]) == submission()
