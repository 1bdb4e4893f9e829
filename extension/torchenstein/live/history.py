"""The course of one number over a run, in bounded memory."""

from __future__ import annotations

from ..inspector.plain import Json, real

# Three samples a second fill this in 80 s; the chart has about as many pixels.
MOST_POINTS = 240


class Curve:
    """Points of one name; when there are too many, every second one is dropped.

    `group` is loss, score, gradient, memory or other; `scope` the function it is local to.
    """

    def __init__(self, name: str, scope: str | None, group: str) -> None:
        self.name, self.scope, self.group = name, scope, group
        self._samples: list[int] = []
        self._times: list[float] = []
        self._values: list[float] = []
        self._stride = 1
        self._last = (0, 0.0, 0.0)

    def add(self, sample: int, time: float, value: float) -> None:
        """`value` at `time`, in seconds since the run began, of sample number `sample`, from 1."""
        self._last = (sample, time, value)
        if self._samples and sample - self._samples[-1] < self._stride:
            return
        self._samples.append(sample)
        self._times.append(time)
        self._values.append(value)
        if len(self._samples) > MOST_POINTS:
            for points in (self._samples, self._times, self._values):
                del points[1::2]
            self._stride *= 2

    def content(self, since: int) -> Json:
        """A LiveCurve of the protocol: the points after sample `since`, the last one always."""
        start = next((i for i, n in enumerate(self._samples) if n > since), len(self._samples))
        times, values = self._times[start:], self._values[start:]
        sample, time, value = self._last
        if sample > since and (not self._samples or self._samples[-1] != sample):
            times, values = [*times, time], [*values, value]
        return {
            "name": self.name,
            "scope": self.scope,
            "group": self.group,
            "times": [round(time, 3) for time in times],
            "values": [real(value) for value in values],
        }
