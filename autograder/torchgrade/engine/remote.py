"""The judge's side of a checked name: a subject whose observations come from another process.

What comes back is data that the learner's process *claims*. Its form is checked; what can be proven
is proven (`shares`); and what can only be believed is marked where the submitted source gives a
reason for doubt.
"""

import base64
import marshal
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any, Protocol

import torch

from torchgrade.check.observe import Call, Observation, Raised, View, Watch
from torchgrade.check.plain import TensorFacts, fresh, is_plain_tensor, walk
from torchgrade.engine.channel import Malformed, Message

MOST_TEXT = 10_000


class Asker(Protocol):
    """Sends a request to the learner's process and returns its reply.

    Raises `SubjectLost` (a `BaseException`) where the process has ended or does not answer.
    """

    def ask(self, request: Message) -> Message: ...


class Doubts(Protocol):
    """What the submitted source says of an exercise's watchers."""

    def banned(self, subject: str, bans: tuple[str, ...]) -> tuple[str, ...]: ...

    @property
    def tampering(self) -> str:
        """Why the spies of bans and operations are not believed."""

    @property
    def forgery(self) -> str:
        """Why nothing is believed but values: whether an input changed, or lies in the result."""


class Subject:
    """A name that the learner defined, held against checks: it answers `observe`."""

    def __init__(self, asker: Asker, name: str, doubts: Doubts) -> None:
        self._asker, self._name, self._doubts = asker, name, doubts

    def __torchgrade_observe__(self, call: Call, watch: Watch) -> Observation:
        request = {
            "do": "observe",
            "name": self._name,
            "args": call.args,
            "kwargs": call.kwargs,
            "via": None if call.via is None else probe_as_data(call.via),
            "watch": {name: getattr(watch, name) for name in Watch.__dataclass_fields__},
        }
        reply = self._asker.ask(request)
        if "value" not in reply:
            return Observation(error=claimed_error(reply))
        seen = _proven(_observation(reply["value"], watch), call)
        if not (watch.bans or watch.operations):
            return replace(seen, distrust=self._doubts.forgery)
        banned = self._doubts.banned(self._name, watch.bans)
        return replace(
            seen,
            banned=tuple(dict.fromkeys([*seen.banned, *banned])),
            distrust=self._doubts.forgery or self._doubts.tampering,
        )


def probe_as_data(function: Callable[..., Any]) -> dict[str, Any]:
    """A probe, to be put together again by `answer.probe_from`."""
    home = getattr(function, "__module__", None) or ""
    if home.partition(".")[0] == "torchgrade":
        return {"module": home, "name": function.__qualname__}
    assert isinstance(function, FunctionType)  # `probe` has made sure of that
    return {
        "code": base64.b64encode(marshal.dumps(function.__code__)).decode(),
        "name": function.__name__,
        "defaults": function.__defaults__,
        "kwdefaults": function.__kwdefaults__,
        "modules": {
            name: value.__name__
            for name, value in function.__globals__.items()
            if isinstance(value, ModuleType) and name in _names(function)
        },
    }


def _names(function: FunctionType) -> set[str]:
    found: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        found |= set(code.co_names)
        codes += [constant for constant in code.co_consts if hasattr(constant, "co_names")]
    return found


# What the learner's process claims ----------------------------------------------------------------


def claimed_error(reply: Message) -> Raised:
    """The error of a reply that holds no value."""
    if "cannot" in reply:
        return Raised(("NotPlain",), f"it returned {_text(reply['cannot'])}")
    return _raised(reply.get("raised"))


def _raised(data: Any) -> Raised:
    if not isinstance(data, dict):
        raise Malformed("an error that is none")
    types = data.get("types")
    if not isinstance(types, (list, tuple)) or not types or len(types) > 100:
        raise Malformed("an error without types")
    names = tuple(_text(name) for name in types)
    return Raised(names, _text(data.get("message")), _text(data.get("line")))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("text that is none")
    return value[:MOST_TEXT]


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > 1000:
        raise Malformed("a list that is none")
    return tuple(_text(item) for item in value)


def _observation(data: Any, watch: Watch) -> Observation:
    if not isinstance(data, dict):
        raise Malformed("an observation that is none")
    facts, gradients, operations = (data.get(key) for key in ("facts", "gradients", "operations"))
    if not isinstance(facts, dict):
        raise Malformed("an observation without facts")
    if operations is not None and type(operations) is not int:
        raise Malformed("a count that is no number")
    if watch.operations and operations is None and data.get("error") is None:
        raise Malformed("the count of operations is missing")
    return Observation(
        result=data.get("result"),
        facts={_text(path): _facts(fact) for path, fact in facts.items()},
        error=None if data.get("error") is None else _raised(data["error"]),
        mutated=_texts(data.get("mutated")),
        shares=_texts(data.get("shares")),
        gradients=_gradients(gradients) if watch.gradients else None,
        no_gradient=None if data.get("no_gradient") is None else _raised(data["no_gradient"]),
        banned=_texts(data.get("banned")),
        operations=operations,
        views=_views(data.get("views")),
    )


def _facts(fact: Any) -> TensorFacts:
    if not isinstance(fact, dict):
        raise Malformed("facts that are none")
    wants, contiguous = fact.get("requires_grad"), fact.get("contiguous")
    if not isinstance(wants, bool) or not isinstance(contiguous, bool):
        raise Malformed("facts without flags")
    return TensorFacts(_text(fact.get("device")), wants, contiguous)


def _gradients(data: Any) -> dict[str, torch.Tensor | None] | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise Malformed("gradients that are none")
    for slope in data.values():
        if slope is not None and not is_plain_tensor(slope):
            raise Malformed("a gradient that is no tensor")
    return {_text(name): slope for name, slope in data.items()}


def _views(data: Any) -> tuple[View, ...]:
    if not isinstance(data, (list, tuple)) or len(data) > 10_000:
        raise Malformed("views that are none")
    found = []
    for view in data:
        try:
            made = View(**view)
            texts, numbers = (made.input, made.leaf, made.result), (made.offset, *made.stride)
        except TypeError as error:
            raise Malformed("a view that is none") from error
        if not all(isinstance(text, str) for text in texts) or not all(
            type(number) is int and 0 <= number < 2**62 for number in numbers
        ):
            raise Malformed("a view that is none")
        found.append(made)
    return tuple(found)


def _proven(seen: Observation, call: Call) -> Observation:
    """The observation with only those `shares` that its views prove.

    A result that claims to be a view is read again from the judge's own copy of the input, by the
    strides that the view claims; a copy cannot know them without being right.
    """
    if not seen.shares:
        return seen
    alone = len(call.args) + len(call.kwargs) == 1
    names = ["its input" if alone else f"input {index + 1}" for index in range(len(call.args))]
    inputs = {
        f"{name}|{path}": leaf
        for name, value in [*zip(names, call.args, strict=True), *call.kwargs.items()]
        for path, leaf in walk(value)
    }
    results = dict(walk(seen.result))
    kept = {
        view.input
        for view in seen.views
        if view.input in seen.mutated
        or _is_view(inputs.get(f"{view.input}|{view.leaf}"), results.get(view.result), view)
    }
    return replace(seen, shares=tuple(name for name in seen.shares if name in kept))


def _is_view(given: Any, result: Any, view: View) -> bool:
    if not is_plain_tensor(given) or not is_plain_tensor(result) or result.dtype != view.dtype:
        return False
    if given.is_meta or result.is_meta or result.layout is not torch.strided:
        return False
    storage = fresh(given).detach().untyped_storage()
    last = view.offset + sum(
        (size - 1) * step for size, step in zip(result.shape, view.stride, strict=False)
    )
    if len(view.stride) != result.dim() or storage.nbytes() < (last + 1) * result.element_size():
        return bool(not result.numel() and len(view.stride) == result.dim())
    own = torch.empty(0, dtype=view.dtype)
    own.set_(storage, view.offset, result.shape, view.stride)
    same = (own == result) | ((own != own) & (result != result))
    return bool(same.all())
