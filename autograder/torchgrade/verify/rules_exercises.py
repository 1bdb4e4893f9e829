"""Rules on exercises: points, staircase, test cells, statements."""

import ast
import builtins
import re
import symtable
from typing import Any

from torchgrade.verify.lesson import Cell, Lesson, imported_names
from torchgrade.verify.limits import Limits
from torchgrade.verify.registry import WARNING, Found, rule

STATEMENT = re.compile(
    r"Difficulty (\d) of 5 · importance (\d) of 5 · about (\d+) minutes · (\d+(?:\.\d+)?) points?"
)
FORM = "Difficulty d of 5 · importance i of 5 · about m minutes · p points"


def described(answer: Cell) -> dict[str, Any]:
    """What an answer cell says of its exercise."""
    found = answer.node.metadata.get("torchenstein", {}).get("exercise")
    return dict(found) if isinstance(found, dict) else {}


def points_of(test: Cell | None) -> float:
    """The points nbgrader gives for a test cell; 0 where none are stated."""
    value = test.node.metadata.nbgrader.get("points", 0) if test else 0
    return float(value) if isinstance(value, (int, float)) else 0.0


@rule
def points(lesson: Lesson, limits: Limits) -> Found:
    """Every test cell is worth something; the sum is the lesson's."""
    total = 0.0
    for test in lesson.of_kind("test"):
        total += points_of(test)
        if points_of(test) <= 0:
            yield test, "the test cell is worth no points", "Give it points in nbgrader's panel"
    if "points" in lesson.metadata and total != lesson.metadata["points"]:
        stated = lesson.metadata["points"]
        what = f"its test cells are worth {total:g} points, its metadata says {stated}"
        yield None, what, "Make the two agree"


@rule
def staircase(lesson: Lesson, limits: Limits) -> Found:
    """Some exercises, from an easy one to a hard one, none too long."""
    answers = lesson.of_kind("answer")
    least, most = limits.exercises
    if not least <= len(answers) <= most:
        what = f"it has {len(answers)} graded exercises, not {least} to {most}"
        yield None, what, "Add or drop exercises"
    levels = []
    for answer in answers:
        facts = described(answer)
        if not isinstance(facts.get("title"), str) or not facts["title"].strip():
            yield answer, "its exercise has no title", "Set metadata.torchenstein.exercise.title"
        for field, top in {
            "difficulty": 5,
            "importance": 5,
            "minutes": limits.exercise_minutes,
        }.items():
            if type(facts.get(field)) is not int or not 1 <= facts[field] <= top:
                what = f"the {field} of its exercise is {facts.get(field)!r}"
                yield answer, what, f"Set metadata.torchenstein.exercise.{field} to 1 to {top}"
        if type(facts.get("difficulty")) is int:
            levels.append(facts["difficulty"])
    if answers and not any(level <= limits.easy for level in levels):
        what = f"no exercise is easy (difficulty at most {limits.easy})"
        yield None, what, "Begin the staircase lower"
    if answers and not any(level >= limits.hard for level in levels):
        what = f"no exercise is hard (difficulty at least {limits.hard})"
        yield None, what, "End the staircase higher"


@rule
def statements(lesson: Lesson, limits: Limits) -> Found:
    """What the statement before an answer says of it is what the metadata says."""
    for answer in lesson.of_kind("answer"):
        before = [cell for cell in lesson.of_kind("markdown") if cell.index < answer.index]
        found = STATEMENT.search(before[-1].source) if before else None
        if found is None:
            what = f"{WARNING}no line of the statement before it reads like: {FORM}"
            yield answer, what, "Add that line"
            continue
        facts = described(answer)
        wanted = [facts.get("difficulty"), facts.get("importance"), facts.get("minutes")]
        wanted.append(points_of(lesson.test_of(answer)))
        for name, says, value in zip(
            ("difficulty", "importance", "minutes", "points"), found.groups(), wanted, strict=True
        ):
            if isinstance(value, (int, float)) and float(says) != value:
                what = (
                    f"the statement of {answer.grade_id!r} says {name} {says}, its cells {value:g}"
                )
                yield before[-1], what, "Make the two agree"


@rule
def solutions(lesson: Lesson, limits: Limits) -> Found:
    """An answer keeps its solution between delimiters, a test its hidden part."""
    for answer in lesson.of_kind("answer"):
        if "### BEGIN SOLUTION" not in answer.source:
            yield answer, "no solution is delimited", "Put it between ### BEGIN/END SOLUTION"
    for test in lesson.of_kind("test"):
        if "### BEGIN HIDDEN TESTS" not in test.source:
            yield (
                test,
                "no hidden tests are delimited",
                "Put them between ### BEGIN/END HIDDEN TESTS",
            )


def graded_name(tree: ast.Module | None) -> str | None:
    """`test` in a cell whose last line is `test.grade()`; None in any other."""
    last = tree.body[-1] if tree and tree.body else None
    match last:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "grade"), [], [])):
            return str(name)
    return None


@rule
def grading(lesson: Lesson, limits: Limits) -> Found:
    """A test cell ends by grading."""
    for test in lesson.of_kind("test"):
        if graded_name(test.tree()) is None:
            yield test, "it does not end with `test.grade()`", "Make that its last line"


@rule
def alone(lesson: Lesson, limits: Limits) -> Found:
    """A test cell stands alone: it may be run where the notebook's own names do not exist."""
    imported: set[str] = set()
    for cell in lesson.of_kind("code"):
        if tree := cell.tree():
            imported |= imported_names(tree)
    for test in lesson.of_kind("test"):
        if test.tree() is None:
            continue
        try:
            free = _free(test.source)
        except SyntaxError as error:  # what the parser lets pass and the compiler does not
            yield test, f"the test cell cannot be compiled: {error.msg}", "Mend it"
            continue
        for name in sorted(free - imported - set(dir(builtins))):
            what = f"the test cell uses the notebook's {name}"
            mend = "Define it in the test cell; reach the learner's object through `test` only"
            yield test, what, mend


def _free(source: str) -> set[str]:
    """The global names that a cell reads and does not bind itself."""
    whole = symtable.symtable(source, "<cell>", "exec")
    read: set[str] = set()
    bound: set[str] = set()
    tables = [whole]
    for table in tables:
        tables += table.get_children()
        for symbol in table.get_symbols():
            if table is not whole and not symbol.is_global():
                continue
            if symbol.is_referenced():
                read.add(symbol.get_name())
            if symbol.is_assigned() or symbol.is_imported():
                bound.add(symbol.get_name())
    return read - bound
