"""What can be seen in a source notebook without running it."""

from pathlib import Path

from torchgrade.nbgrader.rules import check_file
from torchgrade.verify import rules_code, rules_exercises, rules_notebook, rules_text
from torchgrade.verify.findings import Finding, Severity
from torchgrade.verify.lesson import Cell, Lesson, name_of, read_lesson
from torchgrade.verify.limits import Limits
from torchgrade.verify.registry import RULES, WARNING

# Importing them registers their rules.
RULE_SETS = (rules_notebook, rules_text, rules_code, rules_exercises)
UNREADABLE = ("is not JSON", "is JSON, but", "has format", "is not a valid notebook")


def lint(path: Path, limits: Limits) -> tuple[Lesson | None, list[Finding]]:
    """Hold one notebook against every rule.

    Returns:
        The lesson (None when the file cannot be read as a notebook) and the findings.
    """
    name = name_of(path)
    problems = check_file(path, name)
    findings = [Finding(p.notebook, p.cell, "notebook", p.what, p.mend) for p in problems]
    if any(problem.what.startswith(UNREADABLE) for problem in problems):
        return None, findings
    lesson = read_lesson(path)
    if lesson.is_overview:
        limits = limits.for_overview()
    for rule_name, check in RULES.items():
        for cell, what, mend in check(lesson, limits):
            findings.append(_finding(name, cell, rule_name, what, mend))
    return lesson, findings


def _finding(name: str, cell: Cell | None, rule_name: str, what: str, mend: str) -> Finding:
    severity: Severity = "warning" if what.startswith(WARNING) else "error"
    place = cell.label if cell else ""
    return Finding(name, place, rule_name, what.removeprefix(WARNING), mend, severity)
