"""The process that runs a student's cells and the tests: `python child.py PLAN EVENTS`.

It stands alone (standard library only), so that it also runs where dlcore is not installed.
PLAN is JSON, {"steps": […], "skip": […], "path": […]}; one JSON line goes to EVENTS when a step
starts and when it ends, so that nothing that happened so far is lost when the process dies.

Tests do not share a namespace with the student: a test sees the course's own cells, and of the
student's names only those that it uses.
"""

import builtins
import json
import linecache
import os
import sys
import types


class Child:
    """Runs steps in order and says what happened."""

    def __init__(self, events: int):
        self.events, self.process = events, os.getpid()
        self.student = {"__name__": "__main__", "__builtins__": builtins}
        self.course = dict(self.student)
        self.files = {}  # file name of a step's code -> the step

    def tell(self, **event):
        if os.getpid() != self.process:  # a fork that a student left running
            os._exit(0)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):  # the student closed or replaced it
                sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        event["printed"] = os.fstat(1).st_size
        os.write(self.events, (json.dumps(event) + "\n").encode())

    def run(self, steps, skip):
        failed = False
        for number, step in enumerate(steps):
            if number in skip or (step["hidden"] and failed):
                failed = False
                continue
            self.tell(event="start", step=number)
            error = self.run_step(step)
            failed = error is not None
            self.tell(event="end", step=number, error=error)
        self.tell(event="finish")

    def run_step(self, step):
        """What went wrong in a step, None for nothing."""
        file = f"<{step['kind']} {step['name']}{' (hidden)' if step['hidden'] else ''}>"
        self.files[file] = step
        lines = step["source"].splitlines(True)
        linecache.cache[file] = (len(step["source"]), None, lines, file)
        try:
            code = compile(step["source"], file, "exec", dont_inherit=True)
            for space in self.spaces(step, code):
                exec(code, space)
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the student's too
            return self.describe(error, step)
        return None

    def spaces(self, step, code):
        if step["kind"] == "course":
            return [self.course, self.student]
        if step["kind"] == "student":
            return [self.student]
        wanted = names(code) - set(self.course) - set(dir(builtins))
        return [self.course | {key: self.student[key] for key in wanted if key in self.student}]

    def describe(self, error, step):
        """The error as plain values: whose line it came from decides what the student reads."""
        place = self.place(error)
        inner = place[-1] if place else None
        student = [here for here in place if self.files[here[0]]["kind"] == "student"]
        if inner and isinstance(error, AssertionError) and inner not in student:
            return said("wrong", error)
        if student:
            file, line = student[-1]
            text = linecache.getline(file, line).strip()
            name = self.files[file]["name"]
            return said("error", error) | {"cell": name, "line": line, "text": text}
        if step["kind"] == "student":  # it did not even compile
            text = (getattr(error, "text", None) or "").strip()
            line = getattr(error, "lineno", None)
            message = getattr(error, "msg", error)
            place = {"cell": step["name"], "line": line, "text": text}
            return said("syntax", error, message) | place
        if isinstance(error, NameError) and inner and self.files[inner[0]]["kind"] == "test":
            return said("missing", error, error.name)
        return said("unusable", error)

    def place(self, error):
        """(file, line) of the frames in cells and tests, outermost first."""
        found, trace = [], error.__traceback__
        while trace:
            file = trace.tb_frame.f_code.co_filename
            if file in self.files:
                found.append((file, trace.tb_lineno))
            trace = trace.tb_next
        return found


def names(code: types.CodeType) -> set:
    """All names that the code, and the functions in it, look up."""
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return set(code.co_names).union(*(names(part) for part in inner))


def said(kind, error, message=None):
    try:
        message = str(error if message is None else message)
    except Exception as problem:
        message = f"(its message cannot be shown: {type(problem).__name__})"
    return {"kind": kind, "type": type(error).__name__, "message": message[:2000]}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    events = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
    sys.path[:0] = [""]
    sys.path += plan["path"]
    builtins.display = print  # IPython's, in the notebook
    Child(events).run(plan["steps"], set(plan["skip"]))
    os._exit(0)  # threads that a student left behind must not keep us


if __name__ == "__main__":
    main()
