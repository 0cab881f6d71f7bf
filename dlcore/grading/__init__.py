"""Exercises: release the student notebooks, check a student's work.

notebook   read and write notebooks as plain JSON; roles of cells; marked regions
course     where solutions/ and exercises/ are
release    solutions/SLUG/SLUG.ipynb -> exercises/SLUG/SLUG.ipynb
steps      a student's cells and the course's tests as one list of steps
runner     run steps in another process, under limits (child.py is that process)
check      from a notebook to a report
report     the report as text and as JSON

The format is nbgrader's (metadata schema 3), but nothing here needs nbgrader.
"""
