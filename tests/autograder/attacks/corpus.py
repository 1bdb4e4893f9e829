"""The corpus: one file per attack, a notebook as a student would hand it in.

A file is text in jupytext's percent format; its suffix is IPython's, because it is no module of
ours and no linter should read it. Its header is YAML between two `# ---` lines:

    title:   what the attack does, in one line
    tries:   how, and what it hopes to gain
    channel: what it goes through (a key of `CHANNELS`)
    expect:  exercises that it solves honestly and whose points it must keep (default: none)
    leaves:  files outside of the grading's own folders that must not exist afterwards
    seconds: the longest that our engine may take (default 30)
    stock:   why it is not run under stock nbgrader (default: it is run)

Its cells:

    # %% softmax               the answer cell of that exercise
    # %% before softmax        a cell of the student's own, before or after the cell with that id
    # %% replace test_softmax  what the submission holds in that cell
    # %% edit                  no cell: defines `edit(notebook)`, which changes the notebook's JSON

An exercise in `expect` that the file does not answer is answered with the reference; all others
stay stubs. Words like `@HOME@` become places of the `World` that the submission is graded in.
Whoever gets at something prints a line that begins with `LOOT`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SUBMISSIONS = HERE / "submissions"
POINTS = {
    "softmax": 3.0,
    "row_means": 3.0,
    "every_other": 2.0,
    "leaky": 4.0,
    "double": 2.0,
    "count_positive": 2.0,
}
CHANNELS = {
    "torch": "torch's own functions replaced",
    "python": "Python's builtins and compiler replaced",
    "ipython": "the shell's hooks and formatters",
    "torchgrade": "torchgrade's own functions replaced",
    "objects": "results that lie about themselves",
    "frames": "tests and references found in the process",
    "proc": "other processes, by /proc",
    "output": "scores and reports that are printed or displayed",
    "protocol": "the engine's and Jupyter's own channels",
    "files": "files read or written",
    "network": "sockets",
    "processes": "processes and threads that stay, loop or multiply",
    "resources": "memory, disk, output",
    "returns": "giant or malformed results",
    "deaths": "processes that end",
    "metadata": "the notebook's metadata",
    "code": "wrong answers that look at who asks",
}
_HEADER = re.compile(r"\A# ---\n(.*?)\n# ---\n", re.DOTALL)
_CELL = re.compile(r"^# %% ?(.*)\n", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A cell of an attack: its source and where it goes (see the module's text)."""

    place: str
    source: str


@dataclass(frozen=True)
class Attack:
    """One hostile submission; the fields are those of the header."""

    name: str
    title: str
    tries: str
    channel: str
    cells: tuple[Cell, ...]
    expect: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    seconds: float = 30.0
    stock: str = ""

    @property
    def honest_points(self) -> dict[str, float]:
        """The points of each test cell that honest work deserves."""
        return {f"test_{name}": POINTS[name] * (name in self.expect) for name in POINTS}

    def placed(self, places: Mapping[str, str]) -> "Attack":
        """The attack with every `@WORD@` replaced."""
        return parse(self.name, filled(source(self.name), places))


def names() -> list[str]:
    """The names of all attacks."""
    return sorted(path.stem for path in SUBMISSIONS.glob("*.ipy"))


def source(name: str) -> str:
    """The text of one attack's file."""
    return (SUBMISSIONS / f"{name}.ipy").read_text(encoding="utf-8")


def load(name: str) -> Attack:
    """Read one attack."""
    return parse(name, source(name))


def filled(text: str, places: Mapping[str, str]) -> str:
    """Replace every `@WORD@` that `places` knows."""
    for word, value in places.items():
        text = text.replace(f"@{word}@", value)
    return text


def parse(name: str, text: str) -> Attack:
    """Read an attack from its text.

    Raises:
        ValueError: the header or a cell is not as described above; the message says which.
    """
    header = _HEADER.match(text)
    if header is None:
        raise ValueError(f"{name}.ipy has no header between two lines '# ---'")
    fields: dict[str, Any] = yaml.safe_load(re.sub(r"^# ?", "", header[1], flags=re.MULTILINE))
    for key in ("expect", "leaves"):
        fields[key] = tuple(fields.get(key, ()))
    if fields["channel"] not in CHANNELS:
        raise ValueError(f"{name}.ipy: no channel {fields['channel']!r}; known: {list(CHANNELS)}")
    if unknown := set(fields["expect"]) - set(POINTS):
        raise ValueError(f"{name}.ipy expects points for {sorted(unknown)}, no such exercise")
    _, *parts = _CELL.split(text[header.end() :])
    pairs = zip(parts[::2], parts[1::2], strict=True)
    cells = (Cell(where.strip(), code.strip()) for where, code in pairs)
    return Attack(name=name, cells=tuple(cells), **fields)
