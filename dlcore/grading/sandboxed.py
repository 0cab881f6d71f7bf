"""Run steps with the student's cells in a sandbox: takes the place of runner.run in a grader.

Three processes: this one forks a judge, which runs the tests and calls into the sandbox, and
watches both. What hangs or dies is blamed and left out, and the rest goes on in a new sandbox.
"""

import contextlib
import json
import os
import select
import signal
import time
from dataclasses import dataclass

from dlcore.grading import runner
from dlcore.grading.judge import judge
from dlcore.grading.runner import Limits, Outcome, RunnerError
from dlcore.grading.sandbox import DEFAULT, Bounds, Sandbox

TICK = 0.02  # seconds between two looks at the sandbox; at 0.05 a bomb of forks outran us
LIMITS = Limits(step=30.0)


def run(steps, limits: Limits = LIMITS, preload=("numpy",), granted=None, bounds: Bounds = DEFAULT):
    """One outcome for each step."""

    def attempt(steps, skip, outcomes, limits, deadline, folder):
        with Sandbox(preload, bounds) as box, Attempt(box, outcomes) as one:
            one.fork(steps, skip, granted or {}, limits)
            early = one.follow(limits, deadline)
            return early, one.step, one.printed

    return runner.run(steps, limits, attempt=attempt)


@dataclass
class Attempt:
    """One judge, followed through the events that it writes."""

    box: Sandbox
    outcomes: dict
    pid: int = 0
    events: int = -1
    go: int = -1
    buffer: bytes = b""
    step: int | None = None
    since: float = 0.0  # when the step began
    printed: str = ""
    early: dict | None = None
    ready: bool = False  # the sandbox answers
    finished: bool = False

    def fork(self, *plan):
        self.events, writer = os.pipe()
        reader, self.go = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.events)
            os.close(self.go)
            judge(self.box.socket, writer, reader, *plan)
        os.close(writer)
        os.close(reader)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.events)
            os.close(self.go)

    def follow(self, limits: Limits, deadline: float) -> dict | None:
        """Wait for the end; the reason why it ended early, or None."""
        looked = 0.0
        while True:
            ready = select.select([self.events], [], [], TICK)[0]
            open_ = self.listen() if ready else True
            if self.finished or self.early:
                return self.early
            if not self.ready and not open_:
                raise RunnerError("the sandbox did not start")
            now = time.monotonic()
            broken, looked = (self.box.broken(), now) if now > looked + TICK else (None, looked)
            if broken:
                return {"kind": "limit", "message": broken}
            if self.step is not None and now > self.since + limits.step:
                said = f"stopped after {limits.step:g} s: is there a loop that never ends?"
                return {"kind": "limit", "message": said}
            if now > deadline:
                said = f"the time for the whole notebook, {limits.total:g} s, ran out here"
                return {"kind": "late", "message": said}
            if not open_:
                return {"kind": "died", "message": "its check ended without a result"}

    def listen(self) -> bool:
        """Take in events; False at their end."""
        data = os.read(self.events, 1 << 16)
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "start":
                self.step, self.since = event["step"], time.monotonic()
            if not self.ready:
                self.ready = True
                self.box.expendable()
            if event["event"] == "end":
                self.end(event)
            elif event["event"] == "lost":
                self.early, self.printed = event["error"], event["printed"]
            self.finished = event["event"] == "finish"
        return bool(data)

    def end(self, event: dict) -> None:
        """Take a step's outcome, unless it left the sandbox with too much in use."""
        broken = self.box.broken()
        if broken:
            self.early, self.printed = {"kind": "limit", "message": broken}, event["printed"]
            return
        self.outcomes[event["step"]] = Outcome(*map(event.get, ("error", "printed", "value")))
        self.step = None
        with contextlib.suppress(BrokenPipeError):  # the judge was killed from outside
            os.write(self.go, b".")
