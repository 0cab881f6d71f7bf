"""Grade a folder of submissions: every one gets exactly one result, whatever happens.

A journal takes each result before it is reported, so a grader that was interrupted or killed
goes on where it stopped. A submission or a master that changed since is graded again.
"""

import fcntl
import json
import os
import select
import signal
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from dlcore.grading.assignment import Assignment, assignment_of
from dlcore.grading.doctor import require
from dlcore.grading.intake import Rejected, digest, read_bytes
from dlcore.grading.judge import die_with_parent, warm
from dlcore.grading.mark import empty, graded, mark_file
from dlcore.grading.notebook import NotebookError, read
from dlcore.grading.runner import Limits
from dlcore.grading.sandboxed import LIMITS

TRIES = 2  # of a submission whose worker is lost


def quiet(*news):
    pass


def grade(slug, submissions, out, masters, jobs=2, report=quiet, limits=LIMITS, cluster=None):
    """The content of results.json, after it was written to the folder `out`.

    `cluster` is the address of a Dask scheduler, or `local`, in the place of `jobs` forks.
    `report` is called with (done, all, result) as soon as a result is safe.
    """
    path = Path(masters) / slug / f"{slug}.ipynb"
    master, submissions, out = read(path), Path(submissions), Path(out)
    found, students = assignment_of(slug, master), students_in(submissions, slug)
    require(path.parent, submissions, out)
    out.mkdir(parents=True, exist_ok=True)
    with Journal(out, digest(path.read_bytes())) as journal:
        results = journal.valid(found, submissions, students)
        try:
            plan = (found, master, submissions, jobs, limits)
            batch = on_cluster(cluster, *plan) if cluster else Batch(*plan)
            for result in batch.run([name for name in students if name not in results]):
                journal.add(result)
                results[result["student"]] = result
                report(len(results), len(students), result)
        finally:
            whole = in_order(found, [results[name] for name in students if name in results])
            write(out / "results.json", whole)
    return whole


def in_order(found: Assignment, results: list) -> dict:
    return {"assignment": found.slug, "max_score": found.points, "submissions": results}


def complaints(slug: str, masters, whole: dict) -> list[str]:
    """Where the master's own solution does not get its points, so that no student can."""
    rows = [task for one in whole["submissions"] for task in one["tasks"]]
    done = {row["id"] for row in rows if row["points"] == row["max_points"]}
    if done == {row["id"] for row in rows}:
        return []  # somebody's did
    path = Path(masters) / slug / f"{slug}.ipynb"
    master = read(path)
    found = assignment_of(slug, master)
    rows = graded(found, master["cells"], preloads(master), LIMITS)["tasks"]
    missed = [row for row in rows if row["points"] < row["max_points"]]
    return [f"{r['id']}: {r['message']}" for r in missed if r["id"] not in found.by_hand]


def students_in(submissions: Path, slug: str) -> list[str]:
    """The names of the folders, hidden ones only where they hold a submission."""
    if not submissions.is_dir():
        raise NotebookError(f"{submissions}: no folder")
    names = []
    for entry in os.scandir(submissions):
        folder = entry.is_dir(follow_symlinks=False) or entry.is_symlink()
        visible = entry.name[0] != "." or os.path.lexists(f"{entry.path}/{slug}.ipynb")
        names += [entry.name] * (folder and visible)
    if not names:
        raise NotebookError(f"{submissions}: no folder of a student in it")
    return sorted(names)


def on_cluster(address: str, *plan):
    from dlcore.grading.cluster import Cluster

    return Cluster(address, *plan)


def preloads(master: dict) -> list[str]:
    """What is imported before a student's code runs, so that its time does not count."""
    names = ["numpy"] + ["torch"] * any("torch" in cell["source"] for cell in master["cells"])
    for name in [*names, "numpy.random"]:
        __import__(name)  # here too: the judges are forks of this process
    return names


def write(path: Path, content: dict) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    with open(fresh, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


class Journal:
    """The results so far for one master, a line each."""

    def __init__(self, out: Path, key: str):
        self.path = out / f"journal-{key[:12]}.jsonl"

    def __enter__(self):
        self.file = open(self.path, "a+b")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise NotebookError(f"{self.path}: another grader is at work here") from None
        return self

    def __exit__(self, *exception):
        self.file.close()

    def valid(self, found: Assignment, submissions: Path, students: list) -> dict:
        """Results of submissions that did not change; half a line at the end is cut off."""
        self.file.seek(0)
        text = self.file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self.file.truncate(len(whole))
        results = {}
        for line in whole.splitlines():
            result = json.loads(line)
            results[result["student"]] = result
        wanted = set(students) & set(results)
        return {
            n: results[n] for n in wanted if results[n]["sha256"] == sha(found, submissions / n)
        }

    def add(self, result: dict) -> None:
        self.file.write(json.dumps(result).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())


def sha(found: Assignment, folder: Path) -> str | None:
    try:
        return digest(read_bytes(str(folder), f"{found.slug}.ipynb"))
    except Rejected:
        return None


@dataclass
class Worker:
    """A fork that marks one submission after the other."""

    pid: int
    socket: socket.socket
    student: str | None = None
    buffer: bytes = b""

    def give(self, student: str) -> None:
        self.student = student
        self.socket.sendall(json.dumps(student).encode() + b"\n")

    def end(self) -> None:
        self.socket.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@dataclass
class Batch:
    found: Assignment
    master: dict
    submissions: Path
    jobs: int
    limits: Limits
    workers: list = field(default_factory=list)
    lost: dict = field(default_factory=dict)

    def __post_init__(self):
        self.preload = preloads(self.master)
        warm(self.found.steps.values())

    def run(self, students: list[str]):
        """Yield the results as they come."""
        todo = deque(students)
        try:
            while todo or any(worker.student is not None for worker in self.workers):
                while todo and len(self.workers) < self.jobs:
                    self.workers.append(self.start())
                for worker in self.workers:
                    if todo and worker.student is None:
                        worker.give(todo.popleft())
                busy = {worker.socket: worker for worker in self.workers if worker.student}
                for ready in select.select(list(busy), [], [])[0]:
                    yield from self.listen(busy[ready], todo)
        finally:
            for worker in self.workers:
                worker.end()

    def start(self) -> Worker:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                self.work(theirs)
            finally:
                os._exit(0)
        theirs.close()
        return Worker(pid, ours)

    def work(self, line: socket.socket) -> None:
        die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for name in line.makefile("rb"):
            student = json.loads(name)
            result = mark_file(self.found, self.submissions / student, self.preload, self.limits)
            line.sendall(json.dumps(result).encode() + b"\n")

    def listen(self, worker: Worker, todo: deque):
        """The worker's result, if it is whole; a lost worker's submission goes back once."""
        data = worker.socket.recv(1 << 20)
        worker.buffer += data
        if worker.buffer.endswith(b"\n"):
            result = json.loads(worker.buffer)
            worker.student, worker.buffer = None, b""
            yield result
        elif not data:
            self.workers.remove(worker)
            worker.end()
            tries = self.lost[worker.student] = self.lost.get(worker.student, 0) + 1
            if tries < TRIES:
                todo.append(worker.student)
            else:
                yield given_up(self.found, self.submissions, worker.student)


def given_up(found: Assignment, submissions: Path, student: str) -> dict:
    reason = "the process that graded this ended twice: please look at it by hand"
    result = empty(found, student, "limit", reason)
    return result | {"sha256": sha(found, submissions / student)}


class Progress:
    """A bar on a terminal, and a line for each tenth elsewhere."""

    def __init__(self, stream):
        self.stream, self.begin = stream, time.monotonic()

    def __call__(self, done: int, total: int, result: dict) -> None:
        bar = "#" * (30 * done // total)
        line = f"[{bar:<30}] {done}/{total}"
        if self.stream.isatty():
            print(f"\r{line}", end="\n" if done == total else "", file=self.stream, flush=True)
        elif done == total or 10 * done // total > 10 * (done - 1) // total:
            print(line, file=self.stream, flush=True)


def summary(whole: dict, seconds: float) -> str:
    """What a teacher reads at the end."""
    rows = whole["submissions"]
    kinds = [row["status"] for row in rows]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    lines = [f"{whole['assignment']}: {len(rows)} submissions in {seconds:.1f} s ({counts})"]
    good = [row for row in rows if row["status"] == "graded"]
    if good:
        mean = sum(row["score"] for row in good) / len(good)
        lines.append(f"Mean score of the graded: {mean:.2f} of {whole['max_score']:g}")
    for place, task in enumerate(good[0]["tasks"] if good else ()):
        full = sum(row["tasks"][place]["points"] == task["max_points"] for row in good)
        lines.append(f"  {task['id']}: {full} of {len(good)} with all points")
    lines += [f"  {r['student']}: {r['status']}, {r['reason']}" for r in rows if r not in good]
    return "\n".join(lines)
