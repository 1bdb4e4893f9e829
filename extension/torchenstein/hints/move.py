"""Hint cells become metadata of the answer cells they belong to."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_solution

TIERS = ("Nudge", "Strategy", "Outline")
HEADING = "#### "
TEST_PREFIX = "test_"


class HintError(Exception):
    """Hints that nobody could show: they point nowhere, twice, or their tiers are not in order."""

    plain_message = True


class MoveHints(NbGraderPreprocessor):
    """Moves each hint cell into its answer as `torchenstein.hints` and removes the cell.

    A hint cell is a markdown cell with the metadata `{"torchenstein": {"hints": "<answer id>"}}`.
    An answer with an `exercise` entry also gains the points of its test cell (`test_<answer id>`),
    so that a panel need not look for it.

    Raises:
        HintError: naming notebook, cell and mend.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        notebook = resources.get("nbgrader", {}).get("notebook", "notebook")
        graded = {
            cell.metadata.nbgrader.grade_id: cell
            for cell in nb.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id")
        }
        answers = {name: cell for name, cell in graded.items() if is_solution(cell)}
        kept = []
        for index, cell in enumerate(nb.cells, start=1):
            target = cell.metadata.get("torchenstein", {}).get("hints")
            if not isinstance(target, str):
                kept.append(cell)
                continue
            place = f'{notebook}, cell {index} (hints for "{target}")'
            if target not in answers:
                raise HintError(
                    f"{place}: no answer has this grade id. Point the hints to one of: "
                    f"{', '.join(sorted(answers)) or 'no answers here'}."
                )
            own = answers[target].metadata.setdefault("torchenstein", NotebookNode())
            if "hints" in own:
                raise HintError(f"{place}: this answer has hints already. Join the two cells.")
            try:
                own["hints"] = split_tiers(cell.source)
            except ValueError as error:
                raise HintError(f"{place}: {error}.") from error
        for name, cell in answers.items():
            exercise = cell.metadata.get("torchenstein", {}).get("exercise")
            test = graded.get(TEST_PREFIX + name)
            if exercise is not None and test is not None:
                exercise["points"] = test.metadata.nbgrader.get("points", 0)
        nb.cells = kept
        return nb, resources


def split_tiers(source: str) -> list[str]:
    """Split a hint cell's markdown at its three headings, in order.

    Returns:
        The markdown under `#### Nudge`, `#### Strategy` and `#### Outline`, headings not included.

    Raises:
        ValueError: when headings are missing, doubled, out of order, or a tier is empty.
    """
    found: list[tuple[str, list[str]]] = []
    fenced = False
    for line in source.strip().split("\n"):
        fenced ^= line.lstrip().startswith("```")
        if line.startswith(HEADING) and not fenced:
            found.append((line.removeprefix(HEADING).strip(), []))
        elif found:
            found[-1][1].append(line)
        elif line.strip():
            raise ValueError(f'text stands before the heading "{HEADING}{TIERS[0]}"; move it below')
    names = tuple(name for name, _ in found)
    if names != TIERS:
        wanted = ", ".join(f'"{HEADING}{name}"' for name in TIERS)
        raise ValueError(
            f"the headings must be exactly {wanted}; found: {', '.join(names) or 'none'}"
        )
    tiers = ["\n".join(lines).strip() for _, lines in found]
    for name, text in zip(TIERS, tiers, strict=True):
        if not text:
            raise ValueError(f'nothing stands under "{HEADING}{name}"; write the hint')
    return tiers
