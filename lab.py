#!/usr/bin/env python3
"""The way in: `python lab.py open`, `python lab.py build`, `python lab.py test`.

Standard library only. This file keeps to syntax that any Python can read, so that an old one can
say what it lacks; the work is in course/lab/.
"""

import os
import sys

MINIMUM_PYTHON = (3, 11)


def too_old(version):
    # type: (tuple[int, ...]) -> str
    """Return what to say to a Python of this version; empty if it is new enough."""
    if tuple(version[:2]) >= MINIMUM_PYTHON:
        return ""
    wanted = ".".join(str(part) for part in MINIMUM_PYTHON)
    message = "lab: Torchenstein needs Python " + wanted + " or newer, and this is Python "
    message += ".".join(str(part) for part in version[:2]) + ".\n     "
    folders = os.environ.get("PATH", "").split(os.pathsep)
    for minor in range(13, MINIMUM_PYTHON[1] - 1, -1):
        name = "python3." + str(minor)
        if any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders):
            return message + "You have a newer one: run " + name + " " + " ".join(sys.argv) + "\n"
    return message + "Get one from https://www.python.org/downloads/ and run the command with it.\n"


def main():
    # type: () -> int
    """Run the command given on the command line; return the exit status."""
    message = too_old(tuple(sys.version_info[:2]))
    if message:
        sys.stderr.write(message)
        return 1
    from course.lab.commands import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
