"""Exercises: release the student notebooks, check a student's work, grade a class.

notebook   read and write notebooks as plain JSON; roles of cells; marked regions
course     where solutions/ and exercises/ are
release    solutions/SLUG/SLUG.ipynb -> exercises/SLUG/SLUG.ipynb
steps      a student's cells and the course's tests as one list of steps
runner     run steps in another process, under limits (child.py is that process)
check      from a notebook to a report
report     the report as text and as JSON

grade      a folder of submissions, safely (README.md says what is safe, and how)
mark       one submission: intake, assignment and names, then sandboxed
sandboxed  runner for strangers: a judge with the tests, the student in a sandbox
judge      the tests' process, and outside, its stand-ins for the student's objects
inside     the student's process; wire and channel carry values between the two
sandbox    bubblewrap and the watcher; doctor tries to get out of it
cluster    the same batch on Dask workers; gradebook, the same for nbgrader

submit     a copy with a receipt; collect sorts what a platform exports
feedback   a page for each student; export, tables for gradebooks
commands   these four as commands; __main__ has the others

The format is nbgrader's (metadata schema 3), but nothing here needs nbgrader.
"""
