"""The command `torchgrade`: a table of subcommands, each loaded only when it is asked for."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

# name: (module with add_arguments(parser) and run(arguments) -> int, one line of help)
COMMANDS = {
    "build": ("torchgrade.nbgrader.build", "make the student and solution version of every module"),
    "verify": ("torchgrade.verify.command", "prove that lessons keep what they promise"),
    "run": ("torchgrade.grading.run", "grade a lesson of your own with every test at hand"),
    "autograde": ("torchgrade.grading.command", "grade all submissions of an assignment"),
    "lint": ("torchgrade.verify.lint_command", "check source notebooks without running them"),
    "report": ("torchgrade.grading.report.command", "show how a class did in an assignment"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit status (2 for a wrong command line)."""
    words = list(sys.argv[1:] if argv is None else argv)
    known = "\n".join(f"  {name:8} {text}" for name, (_, text) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="torchgrade",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Check, build and grade PyTorch notebooks.",
        epilog=f"commands:\n{known}",
    )
    parser.add_argument(
        "command", choices=COMMANDS, metavar="command", help="one of the commands below"
    )
    command = parser.parse_args(words[:1]).command
    module, text = COMMANDS[command]
    try:
        implementation = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("torchgrade"):
            raise
        print(
            f"torchgrade {command} needs the package {error.name}; "
            "install it with: pip install 'torchgrade[course]'",
            file=sys.stderr,
        )
        return 2
    parser = argparse.ArgumentParser(
        prog=f"torchgrade {command}", description=text.capitalize() + "."
    )
    implementation.add_arguments(parser)
    status: int = implementation.run(parser.parse_args(words[1:]))
    return status


if __name__ == "__main__":
    sys.exit(main())
