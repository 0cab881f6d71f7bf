"""Fan a batch out over a Dask cluster; takes the place of grade.Batch.

Workers need dlcore and bubblewrap, and no files of ours: master and submissions travel to them. A
worker that is lost is Dask's matter, which runs its task elsewhere; a result is taken once.
"""

import json
from contextlib import suppress
from functools import cache
from importlib import import_module  # distributed is wanted here alone, and may be missing
from pathlib import Path

from dlcore.grading.assignment import Assignment, assignment_of
from dlcore.grading.doctor import require
from dlcore.grading.grade import given_up, preloads
from dlcore.grading.intake import Rejected, read_bytes
from dlcore.grading.judge import warm
from dlcore.grading.mark import empty, mark
from dlcore.grading.notebook import NotebookError
from dlcore.grading.runner import Limits

AHEAD = 2  # submissions on their way for each worker


@cache
def ready(slug: str, master: str) -> tuple[Assignment, list[str]]:
    """On a worker, once for each master: the assignment, and a sandbox that holds."""
    require()
    notebook = json.loads(master)
    found = assignment_of(slug, notebook)
    warm(found.steps.values())
    return found, preloads(notebook)


def mark_there(slug: str, master: str, student: str, data: bytes, limits: Limits) -> dict:
    found, preload = ready(slug, master)
    return mark(found, student, data, preload, limits)


class Cluster:
    """`address` is a scheduler's, or `local` for `jobs` workers on this machine."""

    def __init__(self, address: str, found: Assignment, master, submissions: Path, jobs, limits):
        self.address, self.found, self.master = address, found, json.dumps(master)
        self.submissions, self.jobs, self.limits = submissions, jobs, limits

    def client(self):
        try:
            distributed = import_module("distributed")
        except ImportError:
            raise NotebookError("--cluster needs Dask: install the package distributed") from None
        if self.address != "local":
            return distributed.Client(self.address)
        import_module("dask").config.set({"distributed.scheduler.allowed-failures": 1})
        local = {"n_workers": self.jobs, "threads_per_worker": 1, "dashboard_address": None}
        return distributed.Client(**local)

    def run(self, students: list[str]):
        """Yield the results as they come; those whose workers were lost once more, each alone."""
        client = self.client()
        try:
            lost, gone = [], []
            ahead = AHEAD * max(1, len(client.scheduler_info()["workers"]))
            yield from self.batch(client, iter(students), ahead, lost)
            for student in lost:  # the one that ends its worker takes others with it
                yield from self.batch(client, iter([student]), 1, gone)
            for student in gone:
                yield given_up(self.found, self.submissions, student)
        finally:
            with suppress(Exception):  # a worker that is just starting anew makes it fail
                client.close()

    def batch(self, client, todo, ahead: int, lost: list):
        """Yield results; `lost` takes the students whose workers were lost twice."""
        distributed = import_module("distributed")
        futures, done = {}, distributed.as_completed()
        for _ in range(ahead):
            yield from self.send(client, todo, futures, done)
        for future in done:
            student = futures.pop(future.key)
            try:
                yield future.result()
            except distributed.scheduler.KilledWorker:
                lost.append(student)
            yield from self.send(client, todo, futures, done)

    def send(self, client, todo, futures: dict, done):
        """Give the next submission that can be read to the cluster; yield what the others get."""
        for student in todo:
            try:
                data = read_bytes(str(self.submissions / student), f"{self.found.slug}.ipynb")
            except Rejected as error:
                yield empty(self.found, student, "rejected", str(error))
                continue
            plan = (self.found.slug, self.master, student, data, self.limits)
            future = client.submit(mark_there, *plan, pure=False)
            futures[future.key] = student
            done.add(future)
            return
