"""An explorer as HTML: heading, drawing with its steps, ways out, and the text twin.

No script: the steps are radio buttons, and style shows the layer after the one that is checked. So
the arrow keys work, and so does nbconvert's page, and nothing is to be trusted or installed. Where
style sheets are stripped too (a notebook that is not trusted, a site that shows notebooks) the
drawing stays hidden, since its words alone make no sense, and the text twin remains.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from uuid import uuid4

from ..translation import _
from .explorer import Drawing, Explorer, Fit, Step

# JupyterLab's commands would take the arrow keys from a button, unless the button itself has this.
KEYS = 'data-lm-suppress-shortcuts="true"'


def html(explorer: Explorer) -> str:
    """A fragment on one line, to stand anywhere in a page, any number of times."""
    problem = " tx-problem" if explorer.problem else ""
    name = escape(f"{explorer.heading}: {explorer.subject}")
    # Markdown takes an empty line for the end of HTML, even inside <pre>.
    text = escape(str(explorer)).replace("\n", "&#10;")
    caption = escape(_("As text"))
    return (
        f'<section class="torchenstein-explorer{problem}" aria-label="{name}">'
        f"<style>{_style()}</style>"
        f'<p class="tx-title"><b>{escape(explorer.heading)}</b> '
        f"<code>{escape(explorer.subject)}</code></p>"
        f'<p class="tx-summary">{escape(explorer.summary)}</p>'
        f"{_fits(explorer.fits)}"
        f"{_board(explorer.drawing(), explorer.steps, name)}"
        f"<details><summary>{caption}</summary><pre>{text}</pre></details>"
        "</section>"
    )


def _fits(fits: tuple[Fit, ...]) -> str:
    items = "".join(f"<li>{_fit(fit)}</li>" for fit in fits)
    return f'<ul class="tx-fits">{items}</ul>' if items else ""


def _fit(fit: Fit) -> str:
    # The sentence is escaped as a whole, and then its code is set as code.
    return escape(str(fit)).replace(escape(fit.code), f"<code>{escape(fit.code)}</code>", 1)


def _board(drawing: Drawing, steps: tuple[Step, ...], name: str) -> str:
    """The drawing, under it a button for each step, and over it the layer of the chosen one."""
    group = f"tx-{uuid4().hex[:12]}"
    size = f'viewBox="0 0 {drawing.width:.0f} {drawing.height:.0f}"'
    parts = [f'<svg class="tx-base" {size} role="img" aria-label="{name}">{drawing.base}</svg>']
    for place, (step, layer) in enumerate(zip(steps, drawing.layers, strict=True)):
        checked = " checked" if place == 0 else ""
        label = escape(step.label)
        parts.append(
            f'<input type="radio" name="{group}" aria-label="{label}" '
            f'data-label="{label}" {KEYS}{checked}>'
            f'<svg class="tx-layer" {size} aria-hidden="true">{layer}</svg>'
            f'<p class="tx-sentence">{escape(step.sentence)}</p>'
        )
    title = escape(_("Steps"))
    return (
        '<div class="tx-drawn" style="display: none">'
        f'<div class="tx-board" role="radiogroup" aria-label="{title}" '
        f'style="--tx-width: {drawing.width:.0f}px">{"".join(parts)}</div></div>'
    )


@cache
def _style() -> str:
    sheet = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return " ".join(sheet.split())
