"""The button that grades the notebook, pressed in a real browser."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.extension.browser import accessibility
from tests.extension.browser.lab import THEMES, Lab

ROOT = Path(__file__).resolve().parents[3]
LESSON = "01_tensors/06_broadcasting.ipynb"
RIGHT = "def center_columns(x: torch.Tensor) -> torch.Tensor:\n    return x - x.mean(dim=0)"
WRONG = (
    "def column_scale(x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:\n"
    "    return x * scale[:, None]"
)
ENDLESS = "while True:\n    pass"
LONG = 120_000
"""Milliseconds for a first run: torch is imported, maybe on a busy machine."""


@pytest.fixture(autouse=True)
def _quiet_console(complaints: list[str]) -> Iterator[None]:
    yield
    assert complaints == []


def request(lab: Lab, page: Page, name: str, method: str, notebook: object = None) -> None:
    """Ask the server's contents for something."""
    reply = page.request.fetch(
        f"{lab.base}/api/contents/{name}",
        method=method,
        data={"type": "notebook", "format": "json", "content": notebook} if notebook else None,
        headers={"Authorization": f"token {lab.token.removeprefix('token=')}"},
    )
    assert reply.ok, reply.text()


def released(lesson: str) -> Any:
    """The notebook of a lesson as learners get it."""
    return json.loads((ROOT / "release" / lesson).read_text("utf-8"))


@pytest.fixture
def put(lab: Lab, page: Page) -> Iterator[Any]:
    """Puts a copy of the lesson, its cells and metadata changed, into the workbench."""
    made = []

    def put(name: str, sources: dict[str, str], keep: int | None = None, **about: str) -> str:
        notebook = released(LESSON)
        notebook["metadata"]["torchenstein"].update(about)
        notebook["cells"] = notebook["cells"][:keep]
        for cell in notebook["cells"]:
            cell["source"] = sources.get(cell["id"], cell["source"])
        request(lab, page, name, "PUT", notebook)
        made.append(name)
        return name

    yield put
    for name in made:
        request(lab, page, name, "DELETE")


@pytest.fixture
def activations(lab: Lab, page: Page) -> Iterator[str]:
    """The title of a lesson of `torch.nn` whose answers are forgotten in the end."""
    yield "Activation functions compared"
    page.goto("about:blank")  # or the page would save them once more
    lesson = "02_torch_nn/05_activations.ipynb"
    request(lab, page, lesson, "PUT", released(lesson))


def grades(page: Page) -> Locator:
    return page.locator(".jp-Torchenstein-grade")


def exercise(page: Page, name: str) -> Locator:
    return grades(page).locator(f"[data-exercise='{name}']")


def status(page: Page) -> Locator:
    return grades(page).get_by_role("status")


def press(page: Page) -> None:
    page.get_by_role("button", name="Grade", exact=True).first.click()


def wait_until_graded(page: Page) -> None:
    expect(status(page)).to_have_attribute("data-phase", "done", timeout=LONG)


def test_one_right_and_one_wrong_answer_and_the_way_to_the_wrong_one(
    lab: Lab, page: Page, put: Any
) -> None:
    lab.open_lesson(put("graded.ipynb", {}))
    lab.write(lab.cell("def center_columns"), RIGHT)
    lab.write(lab.cell("def column_scale"), WRONG)
    press(page)
    expect(status(page)).to_contain_text(
        re.compile("Saving the notebook|Starting the grader|Checking 1 of 5: Centre the columns")
    )
    wait_until_graded(page)
    expect(status(page)).to_contain_text("2 of 18 points")
    expect(status(page)).to_contain_text("1 of 5 exercises pass")
    expect(exercise(page, "center_columns")).to_have_attribute("data-status", "passed")
    expect(exercise(page, "center_columns")).to_contain_text("2 of 2 points")
    wrong = exercise(page, "column_scale")
    expect(wrong).to_have_attribute("data-status", "failed")
    expect(wrong).to_contain_text("This is what you get when the rows are scaled, not the columns.")
    expect(exercise(page, "attention_mask")).to_have_attribute("data-status", "unfinished")

    lab.activate(lab.cell("import torch"))
    wrong.get_by_role("button", name="A careful column scale").click()
    answer = lab.cell("def column_scale")
    expect(answer).to_have_class(re.compile("jp-mod-active"))
    expect(answer).to_be_in_viewport()
    expect(page.locator(".jp-CodeCell .jp-InputPrompt", has_text=re.compile(r"\d"))).to_have_count(
        0
    )

    lab.write(answer, WRONG.replace("[:, None]", ""))
    expect(status(page)).to_contain_text("You have changed the notebook since.")


def test_without_the_instructors_tests_the_open_examples_are_checked(
    lab: Lab, page: Page, put: Any
) -> None:
    name = put("in class.ipynb", {"ex-center": RIGHT}, slug="elsewhere/lesson")
    lab.open_lesson(name)
    press(page)
    wait_until_graded(page)
    expect(status(page)).to_contain_text(
        "Only the open examples are here; your instructor’s tests stay with them."
    )
    expect(exercise(page, "center_columns")).to_have_attribute("data-status", "passed")
    expect(grades(page)).not_to_contain_text("points")


def test_a_run_that_does_not_end_is_stopped(lab: Lab, page: Page, put: Any) -> None:
    lab.open_lesson(put("endless.ipynb", {"ex-center": ENDLESS}))
    press(page)
    expect(status(page)).to_contain_text("Checking 1 of 5: Centre the columns", timeout=LONG)
    grades(page).get_by_role("button", name="Stop").click()
    expect(status(page)).to_have_attribute("data-phase", "stopped")
    button = grades(page).get_by_role("button", name="Grade my notebook again")
    expect(button).to_be_focused()


def test_a_notebook_without_exercises_has_no_button_and_says_why(
    lab: Lab, page: Page, put: Any
) -> None:
    lab.open_lesson(put("plain.ipynb", {}, keep=1))
    expect(page.get_by_role("button", name="Grade", exact=True)).to_have_count(0)
    lab.show_sidebar()
    page.get_by_role("heading", name="Grades").click()
    expect(status(page)).to_contain_text("This notebook has no exercises")


def test_notebook_7_grades_too(lab: Lab, page: Page, put: Any, complaints: list[str]) -> None:
    lab.open_lesson(put("seven.ipynb", {"ex-center": RIGHT}), app="notebooks")
    press(page)
    wait_until_graded(page)
    expect(exercise(page, "center_columns")).to_have_attribute("data-status", "passed")
    exercise(page, "column_scale").get_by_role("button").click()
    expect(lab.cell("def column_scale")).to_have_class(re.compile("jp-mod-active"))
    # Notebook 7 with nbgrader complains in the same way when our extension is disabled.
    complaints[:] = []


@pytest.mark.parametrize("theme", THEMES)
def test_looks(lab: Lab, page: Page, put: Any, theme: str, tmp_path: Path) -> None:
    lab.open_lesson(put("looks.ipynb", {"ex-center": RIGHT, "ex-scale": WRONG}))
    lab.use_theme(theme)
    press(page)
    wait_until_graded(page)
    page.mouse.move(5, 5)
    folder = Path(os.environ.get("TORCHENSTEIN_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"grade-{theme.split()[-1].lower()}.png")
    assert accessibility.complaints(page, ".jp-Torchenstein-gradeStatus") == []
    assert accessibility.complaints(page, ".jp-Torchenstein-gradeList") == []


def test_a_lesson_of_torch_nn_from_its_modules_map_to_a_grade(
    lab: Lab, page: Page, activations: str
) -> None:
    lab.open_lesson("02_torch_nn/00_overview.ipynb")
    page.get_by_role("link", name=activations).click()
    expect(page.locator(".jp-NotebookPanel:visible h1").first).to_have_text(
        re.compile(f"^{activations}")
    )
    lab.wait_for_kernel()
    lab.show_sidebar()
    answer, check = lab.cell("def silu"), lab.cell('exercise("silu")')
    lab.run(lab.cell("import torch"))
    lab.write(answer, "def silu(x):\n    return x * torch.sigmoid(-x)")
    lab.run(answer)
    lab.run(check)
    verdict = check.locator(".jp-OutputArea")
    expect(verdict).to_contain_text("This is what you get when x is weighed by the sigmoid of -x.")
    expect(lab.hints.locator("h3")).to_have_text("SiLU, value and slope")
    lab.write(answer, "def silu(x):\n    return x * torch.sigmoid(x)")
    lab.run(answer)
    lab.run(check)
    expect(verdict).to_contain_text("silu: 1 open example holds")

    press(page)
    wait_until_graded(page)
    expect(exercise(page, "silu")).to_contain_text("3 of 3 points")
    expect(exercise(page, "gelu")).to_have_attribute("data-status", "unfinished")
