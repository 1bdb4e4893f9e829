"""The one canonical form of a source notebook: clean, and written as nbformat writes."""

import os
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python"}
# What Jupyter leaves behind in a cell that was opened or run; it says nothing about the lesson.
LEFT_BEHIND = ("execution", "collapsed", "scrolled", "ExecuteTime", "jp-MarkdownHeadingCollapsed")


def is_clean(cell: NotebookNode) -> bool:
    """Whether a code cell has neither outputs nor an execution count."""
    return not cell.get("outputs") and cell.get("execution_count") is None


def canonical(text: str) -> str:
    """The canonical text of the notebook in `text`: the same lesson, nothing else."""
    notebook = nbformat.v4.reads(text)
    kept = (
        {"torchenstein": notebook.metadata.torchenstein}
        if "torchenstein" in notebook.metadata
        else {}
    )
    notebook.metadata = NotebookNode(kernelspec=KERNELSPEC, language_info=LANGUAGE, **kept)
    for cell in notebook.cells:
        for key in LEFT_BEHIND:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    written: str = nbformat.v4.writes(notebook)
    return written.rstrip("\n") + "\n"


def fix(path: Path) -> bool:
    """Rewrite a notebook in its canonical form; tell whether it changed. All or nothing."""
    text = path.read_bytes().decode("utf-8")
    wanted = canonical(text)
    if wanted == text:
        return False
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(wanted.encode("utf-8"))
        os.chmod(name, path.stat().st_mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return True
