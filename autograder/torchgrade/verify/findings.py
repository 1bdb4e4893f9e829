"""One finding: what is wrong, where, and how to mend it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """A broken promise of a lesson. `cell` names the cell (empty: the notebook as a whole)."""

    notebook: str
    cell: str
    rule: str
    what: str
    mend: str
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.notebook}, {self.cell}" if self.cell else self.notebook
        return f"{self.severity}: {place}: {self.what}. {self.mend}. [{self.rule}]"

    def json(self) -> dict[str, Any]:
        return asdict(self)


def errors(findings: list[Finding]) -> list[Finding]:
    """The findings that make a lesson fail."""
    return [finding for finding in findings if finding.severity == "error"]
