"""Pages for students and tables for gradebooks, from results that hold whatever students wrote."""

import csv
import io
import json
import os
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from classroom import SLUG

from dlcore.grading.__main__ import main
from dlcore.grading.collect import COLUMNS
from dlcore.grading.export import FORMATS, export
from dlcore.grading.feedback import feedback
from dlcore.grading.notebook import NotebookError

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = """async rules => {
    const found = await axe.run(document, {runOnly: {type: "tag", values: rules}});
    return found.violations.map(v => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
}"""
SCRIPT = "<script>window.name='run'</script>"
HIDING = [  # script in every place where HTML can hide it
    SCRIPT,
    "</p></li></ul></main>" + SCRIPT,
    "</style></title></textarea>" + SCRIPT,
    "<img src=x onerror=\"window.name='run'\">",
    "<svg onload=window.name='run'><a xlink:href=javascript:window.name='run'>x</a></svg>",
    "<meta http-equiv=refresh content='0;url=javascript:window.name=1'>",
    "<iframe srcdoc='"
    + SCRIPT
    + "'></iframe><object data='data:text/html,"
    + SCRIPT
    + "'></object>",
    "\" onmouseover=\"window.name='run'\" autofocus onfocus='window.name=1'",
    "&lt;script&gt; {policy} {0} %s \x00\x08\x1b[31m \u202etxt\u2028 \ud800 " + "x" * 900,
    "a\nb <b>bold</b> <form action=//x><input></form> <link rel=stylesheet href=//x>",
]


def task(points, message="", name="double-test"):
    return {"id": name, "points": points, "max_points": 2.0, "message": message}


def result(student, *tasks, status="graded", reason=""):
    score = sum(task["points"] for task in tasks)
    row = {"student": student, "status": status, "reason": reason, "score": score}
    return row | {"max_score": 4.0, "tasks": list(tasks), "sha256": "0" * 64, "seconds": 1.0}


@pytest.fixture
def out(tmp_path):
    right, open_ = task(2.0), task(0.0, "not started", "mean-test")
    rows = [
        result("ana", right, task(2.0, "", "mean-test")),
        result("ben", task(0.0, "double(2) is 2, not 4."), open_),
        result("cleo", task(0.0), task(0.0, "", "mean-test"), status="rejected", reason="no file"),
        result("dan", task(1.0), open_, status="limit", reason="60 s, ran out here"),
    ]
    for number, text in enumerate(HIDING):
        name = "".join(c for c in text[:60] if c.isprintable() and c != "/")
        name = f"h{number} {name}\n{os.fsdecode(bytes([255]))}"  # what a folder may be called
        rows.append(result(name, task(0.0, text), open_))
        rows[-1] |= {"reason": text}
    save(tmp_path, rows)
    return tmp_path


def save(folder, rows):
    whole = {"assignment": SLUG, "max_score": 4.0, "submissions": rows}
    (folder / "results.json").write_text(json.dumps(whole))


class Strict(HTMLParser):
    """Fails where a tag is not closed, and collects what a reader sees."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.shown = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.shown += data


def read(path):
    page = Strict()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page


def test_a_page_says_what_was_right_what_was_wrong_and_what_was_not_started(out):
    feedback(SLUG, out)
    ana, ben, cleo, dan = (
        read(out / "feedback" / name / f"{SLUG}.html").shown
        for name in ("ana", "ben", "cleo", "dan")
    )
    assert "4 of 4 points" in ana and "✓ double-test: 2 of 2" in ana and "all checks passed" in ana
    assert "✗ double-test: 0 of 2" in ben and "double(2) is 2, not 4." in ben
    assert "· mean-test: 0 of 2" in ben and "Not started" in ben
    assert "could not be graded. The reason: no file." in cleo and "double-test" not in cleo
    assert "1 of 4" in dan and "60 s, ran out here" in dan and "Partly right." in dan


def test_whatever_a_submission_holds_is_text(out):
    tags = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "bdi"}
    pages = feedback(SLUG, out)
    assert len(pages) == 4 + len(HIDING)
    for path in pages:
        assert set(read(path).tags) <= tags | {"ul", "li"}
        assert not set("\x00\x08\x1b\u202e\u2028") & set(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (390, "dark")])
def test_pages_run_nothing_load_nothing_fit_and_have_no_barrier(out, browser, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, axe = [], files("axe_playwright_python").joinpath("axe.min.js").read_text()
    page.on("request", lambda request: asked.append(request.url))
    for path in feedback(SLUG, out):
        asked.clear()
        page.goto(path.as_uri())
        assert asked == [page.url]
        assert page.evaluate("window.name") == ""
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"  # styles hold
        page.evaluate(axe)  # the browser's own tools are not bound by the page's policy
        assert page.evaluate(AXE, RULES) == []
        inject = (
            "document.body.appendChild(document.createElement('script')).text = 'window.name=1'"
        )
        page.evaluate(inject)
        assert page.evaluate("window.name") == ""
    page.close()


def test_a_name_that_is_no_folder_is_refused(out):
    save(out, [result("../eve", task(0.0))])
    with pytest.raises(NotebookError, match="that of a folder, got '../eve'"):
        feedback(SLUG, out)


# export


def exported(kind, out, table=None):
    return list(csv.reader(io.StringIO(export(SLUG, kind, out, table))))


@pytest.fixture
def small(tmp_path):
    rows = [result("ana", task(2.0), task(2.0, "", "mean-test"))]
    rows.append(result("@eve", task(1.5, "=1+1"), task(0.0, "", "mean-test"), reason="-1"))
    rows.append(
        result("zoe", task(0.0), task(0.0, "", "mean-test"), status="rejected", reason="no")
    )
    folder = tmp_path / "small"
    folder.mkdir()
    save(folder, rows)
    with open(folder / "collected.csv", "w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerow({"student": "ana", "id": "101"})
        table.writerow({"student": "max", "id": "102"})
    return folder


@pytest.mark.parametrize("kind", FORMATS)
def test_every_student_has_one_row_and_no_cell_is_a_formula(out, small, kind):
    rows = exported(kind, out) + exported(kind, small, small)
    head = 2 if kind == "canvas" else 1
    assert len(rows) == 2 * head + 4 + len(HIDING) + 4
    for row in rows:
        assert len(row) == len(rows[0])
        assert not [cell for cell in row if cell[:1] in tuple("=+-@\t\r")]
    said = " ".join(map(str, rows))
    for words in ("rejected", "missing", "nothing was graded", "'@eve"):
        assert words in said


def test_csv_has_points_status_and_reason(small):
    head, eve, ana, zoe = exported("csv", small)
    assert head[:5] == ["student", "status", "reason", "score", "max_score"]
    assert head[5:] == ["double-test", "mean-test", "sha256"]
    assert eve[:7] == ["'@eve", "graded", "'-1", "1.5", "4.0", "1.5", "0.0"]
    assert (ana[0], ana[3]) == ("ana", "4.0") and zoe[1:3] == ["rejected", "no"]


def test_canvas_finds_students_by_number_else_by_login(small):
    head, points, eve, ana, *_ = exported("canvas", small, small / "collected.csv")
    # Canvas takes each column behind Section for an assignment, but those named Final Grade.
    assert head[:6] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", SLUG]
    assert len(head) == 7 and "Final Grade" in head[6]
    assert points == ["    Points Possible", "", "", "", "", "4.0", ""]
    assert ana == ["ana", "101", "", "", "", "4.0", "graded"]
    assert eve == ["'@eve", "", "", "'@eve", "", "1.5", "graded: -1"]


def test_moodle_gets_its_identifier_and_the_feedback(small):
    head, _, ana, lost, zoe = exported("moodle", small, small)
    rows = [dict(zip(head, row, strict=True)) for row in (ana, lost, zoe)]
    assert [row["Identifier"] for row in rows] == ["Participant 101", "Participant 102", ""]
    assert rows[0]["Grade"] == rows[0]["Maximum Grade"] == "4.0"
    assert "double-test: 2/2" in rows[0]["Feedback comments"]
    assert rows[2]["Feedback comments"].startswith("rejected: no")


def test_what_moodle_shows_as_html_holds_no_tag_of_a_students(small):
    save(small, [result("eve", task(0.0, "<script>a()</script>\n<b>"))])
    head, eve = exported("moodle", small)
    said = dict(zip(head, eve, strict=True))["Feedback comments"]
    assert said == "graded<br>double-test: 0/2 &lt;script&gt;a()&lt;/script&gt;<br>&lt;b&gt;"


def test_gradescope_knows_its_words_for_the_status(small):
    head, *rows = exported("gradescope", small, small)
    assert head[:6] == ["Name", "SID", "Email", "Total Score", "Max Points", "Status"]
    assert head[-3:] == ["1: double-test (2.0 pts)", "2: mean-test (2.0 pts)", "Reason"]
    status = [dict(zip(head, row, strict=True))["Status"] for row in rows]
    assert status == ["Graded", "Graded", "Missing", "Ungraded"]


def test_the_commands_write_where_grade_wrote(small, capsys):
    assert main(["export", SLUG, "--out", str(small), "--format", "canvas"]) == 0
    assert (small / f"{SLUG}-canvas.csv").read_bytes().startswith(b"Student,ID")
    assert main(["feedback", SLUG, "--out", str(small)]) == 0
    assert "3 pages" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["feedback", "export"])
def test_without_results_of_this_assignment_it_says_so(small, command, capsys):
    assert main([command, "hw-two", "--out", str(small)]) == 2
    assert "results of hw-one, not of hw-two" in capsys.readouterr().err
    (small / "results.json").unlink()
    assert main([command, SLUG, "--out", str(small)]) == 2
    assert "run `grade` first" in capsys.readouterr().err


def test_what_is_no_table_of_collect_is_refused(small):
    (small / "other.csv").write_text("a,b\n1,2\n")
    for name in ("other.csv", "none.csv"):
        with pytest.raises(NotebookError, match="not a table of `collect`"):
            export(SLUG, "csv", small, small / name)
