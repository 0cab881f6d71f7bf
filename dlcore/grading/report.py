"""What a check found, as data, as text and as JSON."""

import json
from dataclasses import asdict, dataclass, field

SIGNS = {"passed": "✓", "failed": "✗", "not started": "·"}


@dataclass
class Result:
    """One task: `status` is passed, failed or not started; `message` says what is wrong."""

    name: str
    title: str
    score: float
    points: float
    status: str
    message: str = ""
    code: str = ""  # the student's line where it stopped
    printed: str = ""
    hidden: bool = False  # only the hidden test failed


@dataclass
class Report:
    assignment: str
    results: list[Result]
    notes: list[str] = field(default_factory=list)
    hidden: bool = False  # the hidden tests ran too

    @property
    def score(self) -> float:
        return sum(result.score for result in self.results)

    @property
    def points(self) -> float:
        return sum(result.points for result in self.results)

    @property
    def passed(self) -> bool:
        return all(result.status == "passed" for result in self.results)


def as_json(report: Report) -> str:
    totals = {"score": report.score, "points": report.points, "passed": report.passed}
    return json.dumps(asdict(report) | totals, indent=1, ensure_ascii=False)


def as_text(report: Report) -> str:
    width = max((len(result.title) for result in report.results), default=0)
    lines = [report.assignment, ""]
    for result in report.results:
        lines += result_lines(result, width)
    lines += [""] + [f"Note: {note}" for note in report.notes] + [""] * bool(report.notes)
    lines.append(f"Score: {report.score:g} / {report.points:g}")
    if report.passed and not report.hidden:
        lines.append("Hidden tests with other numbers and shapes decide the final points.")
    return "\n".join(lines)


def result_lines(result: Result, width: int) -> list[str]:
    sign = SIGNS[result.status]
    lines = [f"{sign} {result.title:<{width}}  {result.score:>2g} / {result.points:g}"]
    if result.status == "not started":
        lines[0] += "  not started"
    if result.message:
        lines += [f"    {line}" for line in result.message.splitlines()]
    if result.code:
        lines.append(f"    {result.code}")
    if result.printed:
        lines.append("    Your code printed:")
        lines += [f"    | {line}" for line in result.printed.splitlines()[-5:]]
    return lines
