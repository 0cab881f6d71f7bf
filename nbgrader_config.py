"""nbgrader's folders, for its gradebook and buttons. dlcore.grading does without."""

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
