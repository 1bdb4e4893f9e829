"""The check floor: it imports torch and the standard library only.

A check splits in two. What runs beside the learner's code (`observe`, `watch`, `probe`) is given
inputs and returns plain results; what the judge keeps (`expect`, `judge`, `report`) holds the
reference, the expectations, the named mistakes and the points. The two halves meet in one
`Observation`, so that they may live in one process or in two.
"""
