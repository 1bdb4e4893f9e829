"""What is known of a course and an assignment before anything is graded."""

from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from traitlets.config import Config

from torchgrade.grading.book import automatic, gradebook, notebooks
from torchgrade.grading.converter import LOG
from torchgrade.grading.keys import of_files, of_tests
from torchgrade.grading.plan import Lesson
from torchgrade.nbgrader.tasks import given_notebook


def course_of(root: Path, config: Config, assignment: str) -> CourseDirectory:
    """Return nbgrader's view of a course."""
    course = CourseDirectory(config=config, log=LOG)
    if not config.CourseDirectory.get("root"):
        course.root = str(root)
    course.assignment_id = assignment
    return course


def lessons(course: CourseDirectory) -> dict[str, Lesson]:
    """Return the assignment's notebooks, as the gradebook and the source folder have them.

    Raises:
        GradingStopped: the gradebook does not know the assignment.
        PlainError: an instructor's notebook is nowhere.
    """
    source = Path(course.format_path(course.source_directory, ".", course.assignment_id))
    data = of_files(source, find_all_files(str(source), [*course.ignore, "*.ipynb"]))
    with gradebook(course) as book:
        return {
            entry.name: Lesson(
                of_tests(entry, given_notebook(course, course.assignment_id, entry.name), data),
                frozenset(automatic(entry)),
            )
            for entry in notebooks(book, course)
        }
