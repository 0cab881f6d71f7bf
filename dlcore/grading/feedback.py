"""A page for each student, made from results.json: static, inert, readable on a phone.

What a student wrote may stand in it (messages do), so everything is escaped, and the page's own
policy forbids scripts, pictures, forms and every request.
"""

import hashlib
import os
from base64 import b64encode
from html import escape
from pathlib import Path

from dlcore.grading.export import results_of
from dlcore.grading.notebook import NotebookError

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 0 auto; padding: 1rem; }
h1, h2 { line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0; }
.score { font-size: 1.4rem; font-weight: 600; }
li { list-style: none; margin: 1rem 0; padding: 0.6rem 1rem; border-left: 0.3rem solid GrayText; }
li.passed { border-color: #2a9d4a; }
li.failed { border-color: #d9480f; }
ul { padding: 0; }
p { margin: 0.4rem 0; overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: isolate; }
"""
HASH = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{HASH}'; base-uri 'none'; form-action 'none'"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{slug}: feedback for {student}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{slug}</h1>
<p>Feedback for <bdi>{student}</bdi></p>
<p class="score">{score} of {most} points</p>
{body}
</main>
</body>
</html>
"""
STATUS = {
    "rejected": "Your file could not be graded. The reason: {}.",
    "limit": "The time for your whole notebook ran out, so not all checks ran. The reason: {}.",
    "graded": "A note: {}.",
}


def feedback(slug: str, out) -> list[Path]:
    """Write OUT/feedback/<student>/SLUG.html for every result in OUT/results.json."""
    paths = []
    for result in results_of(slug, out)["submissions"]:
        name = result["student"]
        if os.path.basename(name) != name or name in ("", ".", ".."):
            raise NotebookError(f"{out}: a student's name must be that of a folder, got {name!r}")
        path = Path(out) / "feedback" / name / f"{slug}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page(slug, result).encode("utf-8", "replace"))
        paths.append(path)
    return paths


def page(slug: str, result: dict) -> str:
    """The page of one result."""
    parts = []
    if result["reason"]:
        parts.append(f"<p>{text(STATUS[result['status']].format(result['reason']))}</p>")
    if result["status"] != "rejected":
        parts += ["<ul>", *map(task_item, result["tasks"]), "</ul>"]
    return PAGE.format(
        policy=escape(POLICY),
        style=STYLE,
        slug=text(slug),
        student=text(result["student"]),
        score=f"{result['score']:g}",
        most=f"{result['max_score']:g}",
        body="\n".join(parts),
    )


def task_item(task: dict) -> str:
    points, most, message = task["points"], task["max_points"], task["message"]
    if points == most:
        kind, sign, said = "passed", "✓", "Right: all checks passed."
    elif message == "not started":
        kind, sign, said = "open", "·", "Not started: the cell is as you were given it."
    else:
        kind, sign, said = "failed", "✗", message or "Partly right."
    head = f"<h2>{sign} {text(task['id'])}: {points:g} of {most:g}</h2>"
    return f'<li class="{kind}">{head}\n<p>{text(said)}</p></li>'


def text(value: str) -> str:
    """Escaped, without the control characters that HTML may not hold."""
    return escape("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in value))
