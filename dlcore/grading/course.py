"""Where a course keeps its notebooks: solutions/SLUG/SLUG.ipynb and exercises/SLUG/SLUG.ipynb."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Course:
    """A folder with exercises/, solutions/ or both."""

    root: Path

    def solution(self, slug: str) -> Path:
        return self.root / "solutions" / slug / f"{slug}.ipynb"

    def exercise(self, slug: str) -> Path:
        return self.root / "exercises" / slug / f"{slug}.ipynb"

    def slugs(self, form: str) -> list[str]:
        """The exercise sets that stand in `form` (solutions or exercises), in reading order."""
        folders = sorted((self.root / form).glob("*"))
        return [here.name for here in folders if (here / f"{here.name}.ipynb").is_file()]


def find_course(*starts) -> Course | None:
    """The course above one of `starts`, else above here, else around this package, else None."""
    starts = [Path(start).resolve() for start in (*starts, ".")]
    around = [folder for start in starts for folder in (start, *start.parents)]
    for folder in (*around, Path(__file__).resolve().parents[2]):
        course = Course(folder)
        if course.slugs("exercises") or course.slugs("solutions"):
            return course
    return None
