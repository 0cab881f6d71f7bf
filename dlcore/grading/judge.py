"""The process that runs the tests, outside the sandbox: it sends cells in and calls stand-ins.

It is forked for one attempt at one notebook (sandboxed.py), and may be killed at any time: what
it found so far stands in the events that it has written.
"""

import ast
import contextlib
import ctypes
import importlib
import io
import json
import linecache
import os
import resource
import signal
import sys
import types
from functools import cache

from dlcore.grading import nose
from dlcore.grading.channel import Lost
from dlcore.grading.names import modules
from dlcore.grading.outside import Outside
from dlcore.grading.runner import Limits, Step
from dlcore.grading.wire import Refused

START = 60.0  # seconds
SHOWN = 2000  # characters
MEMORY = 4 << 30  # bytes: what a student hands over is large at most, not endless


class Judge:
    def __init__(self, peer: Outside, events: int, go: int, limits: Limits):
        self.peer, self.events, self.go, self.limits = peer, events, go, limits
        self.module = types.ModuleType("tests")  # a notebook of the course's own
        self.space = self.module.__dict__
        self.value = None
        self.again = []  # numbers of steps that lacked a name, which a later cell may define

    def tell(self, **event):
        os.write(self.events, (json.dumps(event) + "\n").encode())

    def run(self, steps: list[Step], skip):
        """All steps in order; those that lacked a name once more, cells before tests."""
        self.peer.request("hello", seconds=START)
        self.tell(event="ready")
        for number, step in enumerate(steps):
            if number not in skip:
                self.step(number, step)
            elif step.kind == "course":  # the student's side of it hung or died: here it is needed
                self.course(step)
        for kind in ("course", "student", "test"):
            for number in [n for n in self.again if steps[n].kind == kind]:
                self.step(number, steps[number])
        self.tell(event="finish")

    def step(self, number, step):
        self.tell(event="start", step=number)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            error = self.attempt(step)
        error = (
            {"kind": self.peer.lost.kind, "message": str(self.peer.lost)} if lost(self) else error
        )
        said = printed.getvalue()[-SHOWN:]
        event = {"event": "lost" if lost(self) else "end", "value": self.value}
        self.tell(**event, step=number, error=error, printed=said)
        if lost(self) or not os.read(self.go, 1):  # the watcher looks at the sandbox first
            os._exit(0)
        if error and error.get("type") in ("NameError", "UnboundLocalError"):
            self.again.append(number)

    def attempt(self, step: Step) -> dict | None:
        """What went wrong in a step, None for nothing."""
        self.value = None
        try:
            if step.kind == "student":
                remember(step)
                self.peer.request(
                    "cell", "student", step.name, step.source, seconds=self.limits.cell
                )
            elif step.kind == "import":
                for line in step.source.splitlines():
                    self.both(Step("course", step.name, line))
            elif step.kind == "course":
                self.both(step)
                return self.course(step)
            else:
                self.fetch(step.wants)
                self.course(step)
        except Lost as error:
            return {"kind": error.kind, "message": str(error)}
        except BaseException as error:
            return self.describe(error, step)
        return None

    def both(self, step: Step):
        """A cell of the course, for the student's code; here it may lack what only that has."""
        with contextlib.suppress(Exception):
            self.peer.request("cell", "course", step.name, step.source, seconds=self.limits.cell)
        self.fetch(step.wants)
        if step.name == "imports":
            with contextlib.suppress(ImportError):
                self.course(step)

    def fetch(self, wants):
        """Put the student's values under their names, and take away those that are gone."""
        found = self.peer.request("names", list(wants))[0]
        for name in wants:
            self.space.pop(name, None)
            if name in found:
                self.space[name] = found[name]

    def course(self, step: Step):
        """Run a cell of the course or a test here."""
        file = remember(step)
        body, last = compiled(step.source, file)
        exec(body, self.space)
        if last:  # nbgrader's partial credit: a number that the last line of a test gives
            value = eval(last, self.space)
            self.value = value if type(value) in (int, float) else None

    def describe(self, error, step: Step) -> dict:
        """The error as plain values: whose line it came from decides what the student reads."""
        said = getattr(error, "dlcore", None)
        if isinstance(said, dict):
            return plain(said, step)
        place, last = error.__traceback__, None
        while place:
            if place.tb_frame.f_code.co_filename.startswith("<test"):
                last = place.tb_lineno
            place = place.tb_next
        kind = "wrong" if isinstance(error, AssertionError) else "unusable"
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        message = str(error)
        if name in step.wants:
            kind, message = "missing", name
        return {
            "kind": kind,
            "type": type(error).__name__,
            "message": message[:SHOWN],
            "test_line": last,
            "border": isinstance(error, Refused),
        }


def remember(step: Step) -> str:
    """The name under which `inspect` finds a cell, last of all that ran so far."""
    file = f"<{step.kind} {step.name}>"
    linecache.cache.pop(file, None)
    linecache.cache[file] = (len(step.source), None, step.source.splitlines(True), file)
    return file


@cache
def compiled(source: str, file: str):
    """The code of a cell, and that of its last line where this is an expression."""
    tree, last = ast.parse(source, file), None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        value = ast.Expression(tree.body.pop().value)
        last = compile(value, file, "eval", dont_inherit=True)
    return compile(tree, file, "exec", dont_inherit=True), last


def warm(steps) -> None:
    """Do before the judges are forked what each of them would do again: compile and import."""
    os.environ.setdefault("TRITON_INTERPRET", "1")  # read once, when triton is imported
    for step in steps:
        with contextlib.suppress(SyntaxError):
            compiled(step.source, f"<{step.kind} {step.name}>")
        for name in modules(step.source):
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def lost(judge) -> bool:
    return judge.peer.lost is not None


def plain(said: dict, step: Step) -> dict:
    """What the sandbox said about an exception, each part of the kind that it should be."""
    parts = {"kind": "syntax" if said.get("kind") == "syntax" else "error"}
    for name in ("type", "message", "text", "cell", "name"):
        if name in said:
            parts[name] = str(said[name])[:SHOWN]
    if isinstance(said.get("line"), int):
        parts["line"] = said["line"]
    parts.setdefault("message", "")
    parts.setdefault("type", "Exception")
    if step.kind == "student" and "cell" not in parts:
        parts |= {"cell": step.name}
    return parts


def die_with_parent() -> None:
    """For a fork: end when the parent does, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() == 1:
        os._exit(1)


def judge(channel, events: int, go: int, steps: list[Step], skip, granted: dict, limits) -> None:
    """Run in a fresh fork; it never returns."""
    try:
        die_with_parent()
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        sys.modules.setdefault("nose", nose)
        sys.modules.setdefault("nose.tools", nose)
        one = Judge(Outside(channel, granted, limits.call), events, go, limits)
        sys.modules["tests"] = one.module
        one.space["display"] = print
        one.run(steps, set(skip))
    finally:
        os._exit(0)
