"""nbgrader for this course: its gradebook, formgrader and buttons, with our grader inside.

`nbgrader autograde SLUG` runs no student code itself: dlcore.grading does, in its sandbox. The
gradebook is SQLite (gradebook.db) unless DLCORE_GRADEBOOK holds the URL of another database, such
as postgresql+psycopg2://user@host/name (with the package psycopg2 installed).
"""

import os
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, SaveAutoGrades


class Graded(NotebookExporter):
    """Reads a submission by grading it, then lets nbgrader save the points."""

    def from_filename(self, filename, resources=None, **rest):
        if not self.parent._sanitizing:  # the second pass, over what the first one wrote
            return super().from_filename(filename, resources, **rest)
        from dlcore.grading.gradebook import autograded  # only here: Validate must do without

        course, ids = self.parent.coursedir, resources["nbgrader"]
        folder = course.format_path(course.source_directory, ".", ids["assignment"])
        notebook = autograded(Path(folder) / f"{ids['notebook']}.ipynb", filename)
        return self.from_notebook_node(nbformat.from_dict(notebook), resources)


class Released(NotebookExporter):
    """Fills the gradebook as nbgrader does, and writes what `dlcore.grading release` writes."""

    def from_filename(self, filename, resources=None, **rest):
        _, resources = super().from_filename(filename, resources, **rest)
        from dlcore.grading.course import Course
        from dlcore.grading.notebook import dumps
        from dlcore.grading.release import released

        course = Course(Path(self.parent.coursedir.root))
        return dumps(released(course, resources["nbgrader"]["assignment"])), resources


c = get_config()  # noqa: F821  (nbgrader defines it)

# The name that nbgrader gives its assignments; without it PostgreSQL misses the course they are in.
c.CourseDirectory.course_id = "default_course"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.ignore = [".*", "__pycache__", "*.pyc", "answers.py"]  # these stay with us
if "DLCORE_GRADEBOOK" in os.environ:
    c.CourseDirectory.db_url = os.environ["DLCORE_GRADEBOOK"]

c.GenerateAssignment.exporter_class = Released
c.Autograde.exporter_class = Graded
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
