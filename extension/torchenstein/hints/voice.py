"""The persona is data: a voice pack fills the names in, or takes the character out."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

PLAIN = "plain"
NAMES = {"{{professor}}": "name", "{{duck}}": "duck", "{{rival}}": "rival"}
LINES = ("welcome", "passed", "partial", "failed", "unfinished", "locked_attempt", "locked_failed")
BLOCK = re.compile(
    r'^<blockquote class="torchenstein-voice">[ \t]*$.*?^</blockquote>[ \t]*$\n?',
    re.MULTILINE | re.DOTALL,
)
BLANK_LINES = re.compile(r"\n{3,}")


class VoiceError(Exception):
    """A voice pack that cannot be read."""

    plain_message = True


class ApplyVoice(NbGraderPreprocessor):
    """Writes a voice pack into a notebook.

    `{{professor}}`, `{{duck}}` and `{{rival}}` become the pack's names, in every cell; the pack
    itself goes into the notebook's metadata (`torchenstein.voice`), where the panels find its
    lines. With the pack `plain`, passages in `<blockquote class="torchenstein-voice">` go too, and
    a cell that held nothing else.

    Raises:
        VoiceError: when the pack is missing or incomplete.
    """

    pack = Unicode(
        "course/voices/torchenstein.yml",
        help="Path of the voice pack, from the course's root; plain.yml has no character",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        pack = read_pack(Path(self.pack))
        kept = []
        for cell in nb.cells:
            text = speak(cell.source, pack, blocks=cell.cell_type == "markdown")
            if text.strip() or not cell.source.strip():
                kept.append(cell)
            cell.source = text
        nb.cells = kept
        nb.metadata.setdefault("torchenstein", NotebookNode())["voice"] = pack
        return nb, resources


def read_pack(path: Path) -> dict[str, Any]:
    """Read a voice pack.

    Raises:
        VoiceError: naming the file and what it lacks.
    """
    try:
        pack = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise VoiceError(
            f"The voice pack {path} cannot be read: {error}. Set ApplyVoice.pack."
        ) from error
    wanted = {"id", "name", "short_name", "duck", "rival", "lines"}
    missing = wanted - set(pack if isinstance(pack, dict) else ())
    if not missing:
        missing = {f"lines.{name}" for name in LINES if not pack["lines"].get(name)}
    if missing:
        raise VoiceError(f"The voice pack {path} lacks: {', '.join(sorted(missing))}.")
    found: dict[str, Any] = json.loads(json.dumps(pack))
    return found


def speak(text: str, pack: dict[str, Any], *, blocks: bool = True) -> str:
    """Return a text in a pack's voice: names filled in; with the plain pack, persona passages
    taken out.

    `blocks` is false for code, where the passages' HTML could only be part of a string.
    """
    if blocks and pack["id"] == PLAIN:
        without = BLOCK.sub("", text)
        if without != text:
            text = BLANK_LINES.sub("\n\n", without).strip("\n")
    for placeholder, key in NAMES.items():
        text = text.replace(placeholder, pack[key])
    return text
