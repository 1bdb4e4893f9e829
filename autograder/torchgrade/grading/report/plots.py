"""The page's plots. Colours are the page's CSS variables; `page.js` puts their values in."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from torchgrade.grading.report.lessons import ExerciseFigures
from torchgrade.grading.report.scores import STANDINGS, Standing
from torchgrade.grading.report.words import number, percent, seconds

BINS = 10
ROW = 46
"""Pixels for a bar with its label above it."""
# A pattern beside the colour, so that no two outcomes differ by colour alone.
_PATTERNS: dict[Standing, str] = {
    "full": "",
    "partial": "/",
    "failed": "x",
    "unfinished": ".",
    "waiting": "-",
    "absent": "",
}


def bins(points: Sequence[float], max_points: float) -> list[tuple[float, float, int]]:
    """Totals in tenths of the maximum as (from, to, students); the last holds all above, too."""
    width = max_points / BINS
    counts = [0] * BINS
    for one in points:
        # A hair above, so that 0.3 of 1 is not counted below 0.3 for want of a bit.
        counts[min(int(one / width + 1e-9), BINS - 1) if width else 0] += 1
    return [(i * width, (i + 1) * width, count) for i, count in enumerate(counts)]


def histogram(rows: Sequence[tuple[float, float, int]]) -> go.Figure:
    """How many students have how many points."""
    width = rows[0][1] - rows[0][0] or 1.0
    figure = go.Figure(
        go.Bar(
            x=[start + width / 2 for start, _, _ in rows],
            y=[count for *_, count in rows],
            width=width,
            text=[str(count) if count else "" for *_, count in rows],
            textposition="outside",
            cliponaxis=False,
            marker={"color": "var(--full)", "line": {"color": "var(--bg)", "width": 2}},
            customdata=[f"{number(start)} to {number(end)} points" for start, end, _ in rows],
            hovertemplate="%{customdata}: %{y}<extra></extra>",
        )
    )
    ticks = [start for start, _, _ in rows] + [rows[-1][1]]
    figure.update_xaxes(
        title="points",
        range=[0, ticks[-1]],
        tickvals=ticks[::2],
        ticktext=[number(tick) for tick in ticks[::2]],
    )
    figure.update_yaxes(
        title="students", gridcolor="var(--line)", rangemode="tozero", nticks=5, ticklabelstandoff=6
    )
    return _dressed(figure, 280)


def outcomes(exercises: Sequence[ExerciseFigures]) -> go.Figure:
    """For each exercise, the students by outcome, as one bar."""
    figure = go.Figure()
    rows = list(range(len(exercises)))
    for standing, label in STANDINGS.items():
        counts = [one.counts[standing] for one in exercises]
        if not any(counts):
            continue
        shares = [count / one.students for count, one in zip(counts, exercises, strict=True)]
        figure.add_bar(
            name=label,
            orientation="h",
            x=shares,
            y=rows,
            width=0.42,
            text=[str(n) if share >= 0.04 else "" for n, share in zip(counts, shares, strict=True)],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": f"var(--on-{standing})"},
            marker={
                "color": f"var(--{standing})",
                "line": {"color": "var(--edge)", "width": 1},
                "pattern": {
                    "shape": _PATTERNS[standing],
                    "fgcolor": f"var(--mark-{standing})",
                    "bgcolor": f"var(--{standing})",
                    "size": 7,
                    "solidity": 0.14,
                    "fgopacity": 0.4,
                },
            },
            customdata=[
                f"{escape(one.notebook)}, {escape(one.name)}: {label}, "
                f"{count} of {one.students} ({percent(share)})"
                for one, count, share in zip(exercises, counts, shares, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "traceorder": "normal"},
    )
    figure.update_xaxes(range=[0, 1.002], visible=False)
    _label_rows(figure, [f"{escape(one.name)} · {percent(one.mean_share)}" for one in exercises])
    return _dressed(figure, ROW * len(rows) + 80, top=60)


def stage_times(names: Sequence[str], medians: Sequence[float]) -> go.Figure:
    """The median seconds of each stage."""
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=list(medians),
            y=list(range(len(names))),
            width=0.42,
            marker={"color": "var(--full)"},
            hoverinfo="skip",
        )
    )
    figure.update_xaxes(visible=False, rangemode="tozero")
    labels = [
        f"{escape(name)} · {seconds(value)}" for name, value in zip(names, medians, strict=True)
    ]
    _label_rows(figure, labels)
    return _dressed(figure, ROW * len(names) + 30)


def _label_rows(figure: go.Figure, labels: Sequence[str]) -> None:
    """Labels above their bars, so that on a phone the bars keep the width."""
    for row, label in enumerate(labels):
        figure.add_annotation(
            text=label, x=0, xref="paper", xanchor="left", y=row, yshift=19, showarrow=False
        )
    figure.update_yaxes(visible=False, range=[len(labels) - 0.6, -0.8])


def _dressed(figure: go.Figure, height: int, top: int = 20) -> go.Figure:
    return figure.update_layout(
        template="none",
        height=height,
        margin={"l": 4, "r": 10, "t": top, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": "var(--fg)", "family": "system-ui, sans-serif", "size": 13},
        hoverlabel={"bgcolor": "var(--bg2)", "font": {"color": "var(--fg)"}},
        xaxis={"automargin": True, "fixedrange": True, "zeroline": False, "showgrid": False},
        yaxis={"automargin": True, "fixedrange": True, "zeroline": False},
        dragmode=False,
    )
