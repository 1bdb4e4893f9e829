"""Compares two folders byte for byte, and says in a line where they differ."""

from pathlib import Path

IGNORED = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by relative path with `/`; {} without a folder."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not IGNORED & set(path.relative_to(folder).parts)
    }


def differences(made: Path, kept: Path) -> list[str]:
    """Say what differs between the folder just made and the one that is kept, a line each."""
    new, old = files_of(made), files_of(kept)
    found = [f"{name} is missing" for name in sorted(new.keys() - old.keys())]
    found += [f"{name} has no source" for name in sorted(old.keys() - new.keys())]
    for name in sorted(new.keys() & old.keys()):
        one, other = new[name].read_bytes(), old[name].read_bytes()
        if one != other:
            found.append(f"{name} differs from its source, first in line {_first_line(one, other)}")
    return found


def _first_line(one: bytes, other: bytes) -> int:
    lines = zip(one.split(b"\n"), other.split(b"\n"), strict=False)
    same = 0
    for mine, yours in lines:
        if mine != yours:
            break
        same += 1
    return same + 1
