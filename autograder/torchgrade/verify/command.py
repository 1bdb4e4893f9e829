"""`torchgrade verify PATH...`"""

import argparse
import contextlib
import json
import sys
import time
from pathlib import Path

from torchgrade.engine.local import default_jobs
from torchgrade.nbgrader.problems import PlainError
from torchgrade.verify.findings import errors
from torchgrade.verify.lesson import find_notebooks
from torchgrade.verify.limits import Limits
from torchgrade.verify.pool import WorkerLost
from torchgrade.verify.shares import prove
from torchgrade.verify.summary import as_json, as_text
from torchgrade.verify.verify import LessonResult, verify

INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `torchgrade verify`."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="notebooks, or folders of them"
    )
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="how many at once (default: one for each free core)"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the results there as JSON too"
    )


def run(arguments: argparse.Namespace, limits: Limits | None = None) -> int:
    """Prove the lessons; 0 when all hold, 1 when not, 2 for bad arguments, 130 when interrupted."""
    begun = time.perf_counter()
    try:
        paths = find_notebooks(arguments.paths)
        jobs = 1 if limits else min(arguments.jobs or default_jobs([]), len(paths))
        one_by_one = jobs <= 1
        results = _prove(paths, limits or Limits()) if one_by_one else prove(paths, jobs, _tell)
    except KeyboardInterrupt:
        _tell("\nInterrupted; nothing is left running.\n")
        return INTERRUPTED
    except (PlainError, WorkerLost) as error:
        print(f"torchgrade verify: {error}", file=sys.stderr)
        return 2
    print("\n" + as_text(results, time.perf_counter() - begun))
    if arguments.json is not None:
        try:
            arguments.json.write_text(
                json.dumps(as_json(results), indent=1) + "\n", encoding="utf-8"
            )
        except OSError as error:
            print(
                f"torchgrade verify: cannot write {arguments.json}: {error.strerror}",
                file=sys.stderr,
            )
            return 2
    return 0 if all(result.passed for result in results) else 1


def _prove(paths: list[Path], limits: Limits) -> list[LessonResult]:
    results = []
    with contextlib.closing(verify(paths, limits, _tell)) as proofs:
        for result in proofs:
            results.append(result)
            faults = len(errors(result.findings))
            verdict = "holds" if result.passed else f"{faults} error{'s' * (faults != 1)}"
            _tell(f"· {verdict} ({result.seconds:.1f} s)\n")
    return results


def _tell(text: str) -> None:
    print(text, end="", flush=True)
