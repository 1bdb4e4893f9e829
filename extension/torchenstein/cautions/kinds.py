"""The kinds of warnings. Each can be switched off, by its name in the settings or from the card."""

from __future__ import annotations

from dataclasses import dataclass

from ..translation import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is what settings and messages call it; the others are for the reader, in English."""

    name: str
    title: str
    about: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "broadcast",
            N_("Silent broadcasting"),
            N_("Two tensors were stretched to a larger one that nobody asked for."),
        ),
        Kind(
            "integer",
            N_("Whole numbers"),
            N_("The fraction was cut off, since the result is made of whole numbers."),
        ),
        Kind(
            "alias",
            N_("Shared memory"),
            N_("Two names stand for one memory, and it was changed through one of them."),
        ),
        Kind(
            "logits",
            N_("Probabilities for logits"),
            N_("The loss applies softmax or sigmoid itself, and got what had been through it."),
        ),
        Kind(
            "nonfinite",
            N_("NaN or infinity"),
            N_("A value that is no ordinary number has appeared for the first time."),
        ),
        Kind(
            "gradient",
            N_("No gradient"),
            N_("backward has run, and a tensor that should have a gradient has none."),
        ),
        Kind(
            "device",
            N_("Several devices"),
            N_("Tensors of one module lie on different devices."),
        ),
    )
}
