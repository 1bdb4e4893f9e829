"""The lists of what the lab needs: one truth, pinned whole."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
OURS = {"torchgrade", "torchenstein"}
ROOMS = {"course", "tests", "lab", "autograder", "extension"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def listed(file: str) -> dict[str, str]:
    """Return the packages that a requirements file lists itself, with what it asks of each."""
    found = {}
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)(\[[^]]*\])?\s*([^;#]*)", line)
        if match and not line.startswith("-"):
            found[normal(match[1])] = match[3].strip()
    return found


def included(file: str) -> list[str]:
    """Return the files that a requirements file includes."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return re.findall(r"^-r\s+(\S+)", text, flags=re.MULTILINE)


def environment() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8")))


def test_conda_and_pip_install_the_same_packages() -> None:
    dependencies = environment()["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    assert pip == ["-c constraints.txt", "-r requirements.txt"]
    conda = {re.split(r"[<>=]", entry)[0] for entry in dependencies if isinstance(entry, str)}
    assert conda == {"python", "nodejs", "pip"}


def test_conda_gives_the_python_and_the_node_that_lab_py_asks_for() -> None:
    from course.lab.node import MINIMUM_NODE
    from lab import MINIMUM_PYTHON

    python = ".".join(map(str, MINIMUM_PYTHON))
    assert {f"python>={python}", f"nodejs>={MINIMUM_NODE}"} <= {
        entry for entry in environment()["dependencies"] if isinstance(entry, str)
    }


def test_the_conda_environment_has_the_name_that_lab_py_looks_for() -> None:
    from course.lab.environment import in_our_conda

    active = {"CONDA_PREFIX": sys.prefix, "CONDA_DEFAULT_ENV": environment()["name"]}
    assert in_our_conda(active)
    assert not in_our_conda({**active, "CONDA_DEFAULT_ENV": "base"})


def test_every_package_is_pinned_to_one_version() -> None:
    pins = listed("constraints.txt")
    asked = {**listed("requirements.txt"), **listed("requirements-test.txt")}
    assert sorted(set(asked) - set(pins)) == []
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "==" not in line and not line.startswith("#")] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-test.txt"])
def test_every_pin_is_within_what_is_asked_for(file: str) -> None:
    pins = listed("constraints.txt")
    for name, wanted in listed(file).items():
        pinned = numbers(pins[name])
        for sign, bound in re.findall(r"(>=|<)([\d.]+)", wanted):
            assert (pinned >= numbers(bound)) == (sign == ">="), f"{name}{pins[name]} {wanted}"


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def test_the_tests_have_the_lab_and_more() -> None:
    assert included("requirements-test.txt") == ["requirements.txt"]
    assert set(listed("requirements.txt")) & set(listed("requirements-test.txt")) == set()


@pytest.mark.parametrize("project", ["autograder", "extension"])
def test_what_our_distributions_are_built_with_is_installed_before_them(project: str) -> None:
    settings = tomllib.loads((ROOT / project / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {normal(re.split(r"[<>=\[]", one)[0]) for one in settings["build-system"]["requires"]}
    # hatchling asks for editables only when it is told that the install is an editable one.
    assert asked | {"editables"} <= set(listed("requirements.txt"))


def imports(folder: Path) -> Iterator[str]:
    """Yield the top-level modules that the Python files under `folder` import."""
    for path in folder.rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def brought(file: str) -> set[str]:
    """Return what a requirements file brings on this machine, dependencies included."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in included_and_listed(file)]
    while waiting:
        one = waiting.pop()
        name = normal(one.name)
        try:
            needs = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue
        extras = ["", *one.extras]
        if name not in found or one.extras:
            found.add(name)
            waiting += [
                need
                for need in needs
                if not need.marker or any(need.marker.evaluate({"extra": e}) for e in extras)
            ]
    return found


def included_and_listed(file: str) -> list[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    own = [line for line in lines if line and not line.startswith(("#", "-"))]
    return [*own, *(line for other in included(file) for line in included_and_listed(other))]


def test_every_package_that_comes_along_is_pinned_too() -> None:
    """All but torch's own GPU libraries, which belong to one build of torch."""
    loose = brought("requirements-test.txt") - set(listed("constraints.txt"))
    assert (
        sorted(name for name in loose if not name.startswith(("nvidia-", "cuda-", "triton"))) == []
    )


def extras() -> set[str]:
    """Return what our distributions import only for those who asked for more, such as a cluster."""
    settings = tomllib.loads((ROOT / "autograder" / "pyproject.toml").read_text(encoding="utf-8"))
    asked = settings["project"]["optional-dependencies"]["cluster"]
    return {normal(Requirement(one).name) for one in asked}


@pytest.mark.parametrize(
    ("rooms", "file"),
    [
        (["course", "autograder", "extension/torchenstein"], "requirements.txt"),
        (["tests"], "requirements-test.txt"),
    ],
)
def test_whatever_is_imported_comes_with_the_list(rooms: list[str], file: str) -> None:
    known = brought(file) | extras()
    distributions = packages_distributions()
    ours = OURS | ROOMS | set(sys.stdlib_module_names)
    for room in rooms:
        for module in sorted(set(imports(ROOT / room)) - ours):
            makers = {normal(name) for name in distributions.get(module, [])}
            assert makers & known, f"{room} imports {module}, which {file} does not bring"
