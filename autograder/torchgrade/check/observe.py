"""The learner's side of a check: make one call, look at it, return plain data.

Nothing here knows an expected value. `observe` is the seam between the two sides: a subject that
lives in another process answers through `__torchgrade_observe__` and everything else stays.
"""

import builtins
import contextlib
import io
import linecache
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from torchgrade.check import plain
from torchgrade.check.device import device
from torchgrade.check.watch import CalledFunctions, DispatchedOperations, cotangent

TORCH_FOLDER = str(Path(torch.__file__).parent)
# Accelerators whose random state torch can set aside and bring back by device index.
FORKED = ("cuda", "xpu")
OWN_FOLDER = str(Path(__file__).parent)


@dataclass(frozen=True)
class Call:
    """One call of the learner's object: inputs on the CPU, and a probe if a call is not enough."""

    title: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    via: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Watch:
    """What to look at during a call besides its result."""

    bans: tuple[str, ...] = ()
    gradients: bool = False
    operations: bool = False
    quiet: bool = True


@dataclass(frozen=True)
class Raised:
    """An exception as data."""

    types: tuple[str, ...]
    message: str
    line: str = ""

    @property
    def name(self) -> str:
        return self.types[0]


class SubjectLost(BaseException):
    """The process that the subject lives in has ended, or was stopped; the message says why.

    No `Exception`, so that nothing on the judge's side takes it for an error that the subject
    raised.
    """


@dataclass(frozen=True)
class View:
    """How a tensor of the result lies in the memory of an input: where each is, and its strides.

    `offset` and `stride` count elements of `dtype` from the start of the input's storage.
    """

    input: str
    leaf: str
    result: str
    dtype: torch.dtype
    offset: int
    stride: tuple[int, ...]


@dataclass(frozen=True)
class Observation:
    """What was seen of one call.

    `mutated` and `shares` name inputs (`argument 1`, `x`): those that changed, and those whose
    storage the result uses. `gradients` holds, for each floating input, the gradient of a fixed
    weighted sum of the outputs, or None where no gradient arrived; `no_gradient` is what was raised
    on the way to them. `views` is the evidence for `shares`. `distrust` says why what was watched
    cannot be believed, where it cannot.
    """

    result: Any = None
    facts: dict[str, plain.TensorFacts] = field(default_factory=dict)
    error: Raised | None = None
    mutated: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    gradients: dict[str, torch.Tensor | None] | None = None
    no_gradient: Raised | None = None
    banned: tuple[str, ...] = ()
    operations: int | None = None
    views: tuple[View, ...] = ()
    distrust: str = ""


listeners: list[Callable[[BaseException], None]] = []
"""Told of every error that a subject raises in this process, while its traceback is there.

A grader's report keeps the line and the message; who can say more of tensors looks here. Nobody
listens where submissions are graded.
"""


def observe(subject: Any, call: Call, watch: Watch) -> Observation:
    """Call `subject` once (twice with gradients) and report what was seen, as plain data."""
    remote = getattr(type(subject), "__torchgrade_observe__", None)
    if remote is not None:
        seen: Observation = remote(subject, call, watch)
        return seen
    spy = CalledFunctions(watch.bans)
    count = DispatchedOperations()
    args, kwargs = _placed(call)
    raised: BaseException | None = None
    with contextlib.ExitStack() as stack:
        stack.enter_context(_fixed_randomness())
        # What an earlier call has switched off and left off is not this one's.
        stack.enter_context(torch.enable_grad())
        stack.enter_context(_silence(watch.quiet))
        if watch.operations:
            stack.enter_context(count)
        if watch.bans:
            stack.enter_context(spy)
        try:
            value = _invoke(subject, call, args, kwargs)
            operations = count.count  # before our own detaching and copying is counted too
            result, facts = plain.to_plain(value)
        except plain.NotPlain as error:
            return Observation(error=Raised(("NotPlain",), f"it returned {error}"))
        except (Exception, SystemExit) as error:
            raised = error
            failed = Observation(error=_as_data(error, call), banned=tuple(spy.seen))
    if raised is not None:
        for listener in listeners:
            with contextlib.suppress(Exception):
                listener(raised)
        # It holds this frame, which holds it: together they would keep the tensors of the call.
        raised.__traceback__ = None
        raised = None
        return failed
    before = _named(*_placed(call))
    after = _named(args, kwargs)
    views = _views(after, value)
    gradients, no_gradient = _gradients(subject, call) if watch.gradients else (None, None)
    return Observation(
        result=result,
        facts=facts,
        mutated=tuple(name for name in after if not _same(before[name], after[name])),
        shares=tuple(dict.fromkeys(view.input for view in views)),
        gradients=gradients,
        no_gradient=no_gradient,
        banned=tuple(spy.seen),
        operations=operations if watch.operations else None,
        views=views,
    )


@contextlib.contextmanager
def _silence(prints: bool = True) -> Iterator[None]:
    """Drop what the learner's code warns of, and what it prints if `prints`.

    A test cell with a line on stderr earns nothing under stock nbgrader.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        if prints:
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        yield


@contextlib.contextmanager
def _fixed_randomness() -> Iterator[None]:
    """Every call draws the same numbers, and the learner's own generators stay as they were."""
    where = device()
    if where.type in FORKED:
        with torch.random.fork_rng(devices=[where.index or 0], device_type=where.type):
            torch.manual_seed(0)
            yield
        return
    with torch.random.fork_rng(devices=[]):
        # `torch.manual_seed` also queues a call, with a stack trace, for every accelerator that
        # has not been started: most of the time of a small check, and memory that never returns.
        torch.default_generator.manual_seed(0)
        yield


def _invoke(subject: Any, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if call.via is not None:
        return call.via(subject, *args, **kwargs)
    if not callable(subject):
        raise TypeError(f"it should be a function; it is a {type(subject).__name__}")
    return subject(*args, **kwargs)


def _placed(call: Call) -> tuple[tuple[Any, ...], dict[str, Any]]:
    where = device()

    def place(leaf: Any) -> Any:
        if not plain.is_plain_tensor(leaf) or leaf.is_meta or where.type == "cpu":
            return plain.fresh(leaf)
        return leaf.detach().to(where).requires_grad_(leaf.requires_grad)

    return plain.rebuild(call.args, place), plain.rebuild(call.kwargs, place)


def _named(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    alone = len(args) + len(kwargs) == 1
    names = ["its input" if alone else f"input {index + 1}" for index in range(len(args))]
    return dict(zip(names, args, strict=True)) | kwargs


def _same(before: Any, after: Any) -> bool:
    pairs = list(plain.walk(before)), list(plain.walk(after))
    if [path for path, _ in pairs[0]] != [path for path, _ in pairs[1]]:
        return False
    return all(
        _same_leaf(one, other) for (_, one), (_, other) in zip(pairs[0], pairs[1], strict=True)
    )


def _same_leaf(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if not plain.is_plain_tensor(one) or not plain.is_plain_tensor(other):
        return type(one) is type(other) and bool(one == other)
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.is_meta or other.is_meta:
        return one.is_meta and other.is_meta
    one, other = one.detach(), other.detach()
    return bool(((one == other) | ((one != one) & (other != other))).all())


def _views(inputs: dict[str, Any], result: Any) -> tuple[View, ...]:
    mine: dict[int, tuple[str, str]] = {}
    for name, value in inputs.items():
        for path, leaf in plain.walk(value):
            if (storage := _storage(leaf)) is not None:
                mine.setdefault(storage, (name, path))
    found = []
    for path, leaf in plain.walk(result):
        if (place := mine.get(_storage(leaf) or 0)) is not None:
            name, inside = place
            stride = tuple(leaf.stride())
            found.append(View(name, inside, path, leaf.dtype, leaf.storage_offset(), stride))
    return tuple(found)


def _storage(leaf: Any) -> int | None:
    if not plain.is_plain_tensor(leaf) or leaf.layout is not torch.strided or leaf.is_meta:
        return None
    return leaf.untyped_storage().data_ptr() or None


@torch.enable_grad()
def _gradients(
    subject: Any, call: Call
) -> tuple[dict[str, torch.Tensor | None] | None, Raised | None]:
    """The gradient of a fixed weighted sum of the outputs for each floating input, in float64.

    With what was raised on the way, if it was.
    """
    args, kwargs = _placed(call)
    precise = torch.float64 if device().type != "mps" else torch.float32
    wanted: dict[str, torch.Tensor] = {}

    def track(name: str, value: Any) -> Any:
        if not plain.is_plain_tensor(value) or not value.is_floating_point():
            return value
        wanted[name] = value.detach().to(precise).requires_grad_()
        return wanted[name]

    names = list(_named(args, kwargs))
    args = tuple(track(name, value) for name, value in zip(names, args, strict=False))
    kwargs = {name: track(name, value) for name, value in kwargs.items()}
    if not wanted:
        return None, None
    with _fixed_randomness(), _silence():
        try:
            value = _invoke(subject, call, args, kwargs)
            outputs = [
                leaf
                for _, leaf in plain.walk(value)
                if plain.is_plain_tensor(leaf) and leaf.requires_grad
            ]
            if not outputs:
                return dict.fromkeys(wanted), None
            total = sum((out * cotangent(out)).sum() for out in outputs)
            slopes = torch.autograd.grad(total, list(wanted.values()), allow_unused=True)
        except Exception as error:
            return dict.fromkeys(wanted), _as_data(error, call)
    return {
        name: None if slope is None else slope.detach().cpu()
        for name, slope in zip(wanted, slopes, strict=True)
    }, None


def _as_data(error: BaseException, call: Call) -> Raised:
    # The learner's own line helps; a line of the probe would show a hidden test.
    theirs = call.via.__code__.co_filename if call.via is not None else None
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != theirs and not frame.filename.startswith((TORCH_FOLDER, OWN_FOLDER))
    ]
    message = _message(error)
    if isinstance(error, RecursionError):
        # Where it ends, and Python's words for it, depend on how deep the caller stands.
        frames, message = _recursive(frames), message.split(" while ")[0]
    line = ""
    if frames:
        last = frames[-1]
        line = (last.line or linecache.getline(last.filename, last.lineno or 0)).strip()
    names = tuple(map(_kind_name, type(error).__mro__[:-1]))
    return Raised(names, message, line)


def _recursive(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Of the frames that come back again and again, the first of its file."""
    often = Counter((frame.filename, frame.lineno or 0) for frame in frames)
    most = max(often.values(), default=0)
    first = min((place for place, times in often.items() if 2 * times >= most), default=None)
    return [frame for frame in frames if (frame.filename, frame.lineno or 0) == first]


def _kind_name(kind: type) -> str:
    """The name of a type of error; one that only borrows Python's own name says so."""
    known = getattr(builtins, kind.__name__, kind)
    return kind.__name__ if known is kind else f"{kind.__module__}.{kind.__name__}"


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(an exception without a readable message)"
