"""The report as one page that needs nothing but itself: no server, no network, no other file.

The template escapes whatever it is given; only this package's own style sheet and script, plotly's,
and plots as JSON (which plotly writes without `<` and `>`) go in as they are.
"""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from plotly.io import to_json
from plotly.offline import get_plotlyjs

from torchgrade.grading.report import plots
from torchgrade.grading.report.figures import ClassReport
from torchgrade.grading.report.scores import STANDINGS
from torchgrade.grading.report.words import many, number, percent, seconds

MOST = 20
"""Rows of tables that are long for a large class; those of students are whole."""


def page(report: ClassReport) -> str:
    """The whole page, as HTML."""
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {"number": number, "percent": percent, "seconds": seconds}
    bins = plots.bins([total.points for total in report.totals], report.max_points)
    figures = {}
    if report.totals and report.max_points:
        figures["totals"] = plots.histogram(bins)
        figures["outcomes"] = plots.outcomes(report.exercises)
    if report.stages:
        figures["stages"] = plots.stage_times(
            [one.name for one in report.stages], [one.median for one in report.stages]
        )
    return environment.from_string(_text("page.html.jinja")).render(
        report=report,
        bins=bins,
        figures={name: Markup(to_json(figure)) for name, figure in figures.items()},
        standings={
            key: label
            for key, label in STANDINGS.items()
            if any(one.counts[key] for one in report.exercises)
        },
        many=many,
        most=MOST,
        style=Markup(_text("page.css")),
        script=Markup(_text("page.js")),
        plotly=Markup(get_plotlyjs()),
    )


def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
