"""The page: whole, safe, legible."""

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from torchgrade.grading.report import class_report

from tests.autograder.grading.report.classes import (
    ASSIGNMENT,
    exercise,
    notebook,
    outcome,
    plain_test,
    write_class,
    write_receipt,
)

NASTY = "<img src=x onerror=alert(1)>&\"'{{7*7}}</script>"


class Page(HTMLParser):
    """Gathers tags, text outside scripts and styles, and the tags that are left open."""

    VOID = frozenset({"meta", "link", "img", "br", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def page(course: Path) -> Page:
    write_class(course, 30)
    return Page(class_report(course, ASSIGNMENT).html())


def test_page_asks_nothing_of_anybody(page: Page) -> None:
    for tag, attributes in page.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert re.match(r"#|data:,|$", attributes.get(name) or ""), (tag, attributes)
    style = (files("torchgrade.grading.report") / "page.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


def test_every_tag_is_closed_and_every_jump_lands(page: Page) -> None:
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"] for link in page.all("a")} <= {f"#{one}" for one in ids}


def test_plots_say_in_words_where_their_figures_are(page: Page) -> None:
    plots = [one for one in page.all("div") if one.get("class") == "plot"]
    assert len(plots) == 3
    for plot in plots:
        assert plot["role"] == "img"
        assert "the table below has the same figures" in (plot["aria-label"] or "")


def test_table_headers_have_a_scope(page: Page) -> None:
    headers = page.all("th")
    assert headers
    assert all(header.get("scope") in ("col", "row", "rowgroup") for header in headers)


def test_nothing_from_a_submission_becomes_markup(course: Path) -> None:
    student = NASTY.replace("/", "")  # a folder's name has no slash
    test = exercise(NASTY, "failed", outcome(NASTY, "failed", NASTY))
    write_receipt(
        course,
        student,
        {
            NASTY: notebook(
                test,
                plain_test(NASTY, 0.0, ended=NASTY),
                cells={NASTY: 1.0},
                stages={NASTY: 1.0},
                problems=[NASTY],
                layers=[(NASTY, False, NASTY)],
            )
        },
    )
    (course / ".torchgrade" / "receipts" / ASSIGNMENT / "<b>.json").write_text(NASTY)
    html = class_report(course, ASSIGNMENT).html()
    page = Page(html)
    assert page.open == []
    assert page.all("img") == []
    assert len(page.all("script")) == 3 + 2  # the plots, what draws them
    assert NASTY in page.text
    assert student in page.text


@pytest.mark.parametrize("students", [0, 1, 3])
def test_small_classes_have_a_whole_page(course: Path, students: int) -> None:
    write_class(course, students)
    page = Page(class_report(course, ASSIGNMENT).html())
    assert page.open == []
    assert f"{students} student{'s' * (students != 1)} graded" in page.text
    if not students:
        assert "Nobody has been graded yet." in page.text
        assert page.all("script") == []


def test_who_made_a_mistake_is_there_on_demand(small_class: Path) -> None:
    html = class_report(small_class, ASSIGNMENT).html()
    summary = "<summary>the sum is over the batch</summary>"
    assert f'<details>{summary}<div class="names">bob</div></details>' in html


def test_what_needs_doing_is_told(small_class: Path) -> None:
    text = Page(class_report(small_class, ASSIGNMENT).html()).text
    assert "1 submission not graded yet. Run torchgrade autograde 01_tensors again." in text
    assert "Who handed in nothing" in text
    assert "Totals of those who wait for points given by hand will still rise." in text


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(theme: int) -> None:
    style = (files("torchgrade.grading.report") / "page.css").read_text()
    blocks = re.findall(r"color-scheme: \w+;(.*?)}", style, re.DOTALL)
    colour = dict(re.findall(r"--([\w-]+): (#\w+);", blocks[theme]))
    pairs = [(text, behind) for text in ("fg", "fg2", "brand", "bad") for behind in ("bg", "bg1")]
    pairs += [("fg", "amberbg"), ("fg", "bg2")]
    pairs += [(name, name[3:]) for name in colour if name.startswith("on-")]
    for text, behind in pairs:
        assert contrast(colour[text], colour[behind]) >= 4.5, (text, behind)


def contrast(one: str, other: str) -> float:
    """WCAG 2's ratio of two colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
