"""Numbers as people read them."""


def number(value: float) -> str:
    """At most two decimals, and none that say nothing: 3, 3.5, 3.25."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """A share as whole percent; a dash where there is none."""
    return "–" if share is None else f"{share:.0%}"


def seconds(value: float) -> str:
    """Milliseconds below a second, else seconds, else minutes."""
    if value < 1:
        return f"{1000 * value:.0f} ms"
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def many(count: int, noun: str) -> str:
    """`1 student`, `2 students`."""
    return f"{count} {noun}{'s' * (count != 1)}"
