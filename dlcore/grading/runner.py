"""Run steps in another process, under limits, and lose no result.

`run` is what check.py asks for; a sandboxed runner takes the same steps and limits and gives the
same outcomes. Here it is plain Python on the student's own machine.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
TICK = 0.01  # seconds between two looks at the child


class RunnerError(RuntimeError):
    """Python itself could not be started, which is no fault of the student's code."""


@dataclass(frozen=True)
class Limits:
    """Seconds for one step, seconds for all, and bytes of printed text.

    In a sandbox (sandboxed.py) a student's cell and a test's call have their own instead of `step`.
    """

    step: float = 15.0
    total: float = 60.0
    printed: int = 5_000_000
    cell: float = 8.0
    call: float = 5.0


DEFAULT = Limits()


@dataclass(frozen=True)
class Step:
    """A cell to run. `kind` is course, student or test; `hidden` marks a test's second form.

    `wants` are the student's names that a test may use (the sandbox asks for these only).
    """

    kind: str
    name: str
    source: str
    hidden: bool = False
    wants: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What a step did: `error` is None, or plain values with at least `kind` and `message`.

    Kinds: wrong (a test's sentence), error and syntax (in the student's code, with cell, line and
    text), missing (a name), unusable (the test failed on what it got), limit, died, late.
    """

    error: dict | None = None
    printed: str = ""
    value: float | None = None  # what the last line of a test gave


@dataclass
class Attempt:
    """One child process, followed through the files it writes."""

    folder: Path
    process: subprocess.Popen
    outcomes: dict
    read_to: int = 0
    step: int | None = None
    since: float = field(default_factory=time.monotonic)
    mark: int = 0  # bytes printed when the step began
    finished: bool = False

    def listen(self):
        """Take in the events that the child has written since the last look."""
        with open(self.folder / "events", "rb") as file:
            file.seek(self.read_to)
            lines = file.read()
        lines = lines[: lines.rfind(b"\n") + 1]
        self.read_to += len(lines)
        for line in lines.splitlines():
            event = json.loads(line)
            if event["event"] == "start":
                self.step, self.since, self.mark = event["step"], time.monotonic(), event["printed"]
            elif event["event"] == "end":
                self.outcomes[event["step"]] = Outcome(event["error"], self.printed(event))
                self.step = None
            self.finished = event["event"] == "finish"

    def printed(self, event=None) -> str:
        """The last of what the step printed."""
        end = event["printed"] if event else os.path.getsize(self.folder / "printed")
        with open(self.folder / "printed", "rb") as file:
            file.seek(max(self.mark, end - 2000))
            return file.read(max(0, end - file.tell())).decode("utf-8", "replace")

    def broken_limit(self, limits: Limits, deadline: float) -> dict | None:
        now = time.monotonic()
        if now > deadline:
            message = f"the time for the whole notebook, {limits.total:g} s, ran out here"
            return {"kind": "late", "message": message}
        if self.step is not None and now - self.since > limits.step:
            message = f"stopped after {limits.step:g} s: is there a loop that never ends?"
            return {"kind": "limit", "message": message}
        if os.path.getsize(self.folder / "printed") > limits.printed:
            message = "stopped: it printed too much, is there a print in a loop that never ends?"
            return {"kind": "limit", "message": message}
        return None

    def follow(self, limits: Limits, deadline: float) -> dict | None:
        """Wait for the end; the reason why it ended early, or None."""
        while True:
            ended = self.process.poll() is not None
            self.listen()
            if self.finished:
                return None
            if ended:
                code = self.process.returncode
                message = f"this ended Python itself (exit code {code}): is there an exit in it?"
                return {"kind": "died", "message": message}
            broken = self.broken_limit(limits, deadline)
            if broken:
                return broken
            time.sleep(TICK)


def run(steps: list[Step], limits=DEFAULT, folder=None, attempt=None) -> list[Outcome]:
    """One outcome for each step; `attempt` runs them in one process, the one below if None.

    A step that hangs or ends Python is blamed and left out, and the rest goes on in a new process
    (which runs the cells again, but no test twice).
    """
    outcomes, skip, attempt = {}, {}, attempt or attempt_here
    deadline = time.monotonic() + limits.total
    while True:
        early, blamed, printed = attempt(steps, skip, outcomes, limits, deadline, folder)
        if early is None:
            break
        if blamed is None:  # between two steps: the next one that has no outcome
            blamed = next((i for i in range(len(steps)) if i not in outcomes | skip), None)
        if blamed is not None:
            outcomes[blamed] = Outcome(early, printed)
        if blamed is None or early["kind"] == "late":
            break
        skip = dict.fromkeys([*skip, blamed, *done(steps, outcomes)])
    unreached = {"kind": "late", "message": "not reached: the time was used up before"}
    return [outcomes.get(i) or Outcome(unreached) for i in range(len(steps))]


def done(steps, outcomes):
    """The tests that need no second run: with an outcome, or hidden behind one that failed."""
    for i, step in enumerate(steps):
        behind = step.hidden and i - 1 in outcomes and outcomes[i - 1].error
        if step.kind == "test" and (i in outcomes or behind):
            yield i


def attempt_here(steps, skip, outcomes, limits, deadline, folder):
    """Run the steps in one child: why it ended early (or None), at which step, what it printed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        scratch = Path(scratch)
        root = str(Path(__file__).resolve().parents[2])
        plan = {"steps": [asdict(step) for step in steps], "skip": sorted(skip), "path": [root]}
        (scratch / "plan").write_text(json.dumps(plan), encoding="utf-8")
        (scratch / "events").touch()
        with start(scratch, folder) as process:
            child = Attempt(scratch, process, outcomes)
            try:
                early = child.follow(limits, deadline)
            finally:
                kill(process)
        if early and early["kind"] == "died" and not child.read_to:
            raise RunnerError(f"Python could not be started: {child.printed()[-500:]}")
        return early, child.step, child.printed()


def start(scratch: Path, folder) -> subprocess.Popen:
    """The child, away from our terminal: its prints go to a file and input() finds nothing."""
    command = [sys.executable, "-P", "-X", "utf8", str(CHILD)]
    command += [str(scratch / "plan"), str(scratch / "events")]
    with open(scratch / "printed", "wb") as printed:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "MPLBACKEND": "Agg"},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kill(process: subprocess.Popen) -> None:
    """End the child and what it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):  # Windows, or gone already
        process.kill()
