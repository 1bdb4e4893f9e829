"""Proxies: a test cell's own hold on the learner's functions, classes, modules and values.

A test that says `assert torch.allclose(softmax(x), y)` or `layer = Affine(3, 4)` uses a proxy: it
is called, asked for attributes and items, iterated and used in arithmetic in the learner's
process. Plain data and tensors come back as they are, everything else as another proxy.
A tensor's gradient crosses too: `backward` here asks for it there. The value of a parameter comes
with its `.grad`; both are as they were at that moment.

What needs the object itself (`isinstance`, changing a returned tensor in place and expecting the
module to follow, the gradient of a gradient) cannot cross, and what the object would decide itself
(`==`, `if`) must not: most of it raises `CannotCross`, and `torchgrade verify` finds the rest,
because a test must come to the same verdict here as in one process.
"""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import torch

from torchgrade.check.plain import NotPlain, is_plain_tensor, rebuild, walk
from torchgrade.engine.answer import as_exception
from torchgrade.engine.channel import Malformed
from torchgrade.engine.remote import Asker, claimed_error
from torchgrade.engine.wire import Handle

SPOKEN = {"__name__", "__qualname__", "__doc__", "__version__"}
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "bool", "contains")
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor")
UNARY = ("neg", "pos", "abs", "invert")


class CannotCross(TypeError):
    """A test does with the learner's object what cannot be done from another process."""


class Home:
    """What all proxies of one learner's process share.

    Args:
        asker: sends requests to it.
        callbacks: filled with the test's own functions, by the number under which it may call them.
    """

    def __init__(self, asker: Asker, callbacks: dict[int, Callable[..., Any]]) -> None:
        self._asker = asker
        self._callbacks = callbacks
        self._calls = itertools.count(1)

    def get(self, name: str) -> Any:
        """What the learner's name stands for: a value, or a proxy.

        Raises:
            NameError: the learner has not defined it.
        """
        value = self.ask("get", name=name)
        if type(value) is Proxy and object.__getattribute__(value, "_handle").kind == "package":
            raise CannotCross(
                f"a test must not use {name} as the learner imported it; import it in the test cell"
            )
        return value

    def ask(self, do: str, **details: Any) -> Any:
        """One request; its value with proxies for handles.

        Raises:
            the learner's exception, as the nearest type that is known here.
        """
        return self._raised(self._value(do, details))

    def _value(self, do: str, details: dict[str, Any]) -> Any:
        request = {"do": do, **{name: self._handed(value) for name, value in details.items()}}
        try:
            reply = self._asker.ask(request)
        except NotPlain as error:
            raise CannotCross(
                f"{error} cannot be given to the learner's code from here; "
                "use a probe: test.via(probe).on(...)"
            ) from error
        if "value" not in reply:
            claimed = claimed_error(reply)
            raise as_exception(claimed.types, claimed.message)
        return _with_parameters(reply["value"])

    def call(self, handle: Handle, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the object; tensors that come back keep their link to those that went in."""
        number, grad = next(self._calls), torch.is_grad_enabled()
        args, kwargs = self._handed(args), self._handed(kwargs)
        details = {"of": handle, "args": args, "kwargs": kwargs, "call": number, "grad": grad}
        value = self._value("call", details)
        outputs = [leaf for _, leaf in walk(value) if _wants_gradient(leaf)]
        if not outputs or not grad:
            return self._raised(value)
        inputs = [
            leaf for _, leaf in walk((args, kwargs)) if is_plain_tensor(leaf) and leaf.requires_grad
        ]
        anchor = torch.zeros((), requires_grad=True)
        linked = iter(_RemoteCall.apply(self, number, outputs, anchor, *inputs))
        value = rebuild(value, lambda leaf: next(linked) if _wants_gradient(leaf) else leaf)
        return self._raised(value)

    def _handed(self, value: Any) -> Any:
        """The value with handles for proxies and for the test's own functions."""
        kind = type(value)  # `isinstance` would ask a proxy for its class
        if kind is Proxy:
            return object.__getattribute__(value, "_handle")
        if kind in (list, tuple):
            return kind(self._handed(item) for item in value)
        if kind is dict:
            return {self._handed(key): self._handed(item) for key, item in value.items()}
        if kind in (FunctionType, MethodType, BuiltinFunctionType, partial):
            number = len(self._callbacks) + 1
            self._callbacks[number] = self._called_back(value)
            return Handle(number, "callback", "")
        return value

    def _called_back(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(args: Any, kwargs: Any) -> Any:
            args, kwargs = _with_parameters(args), _with_parameters(kwargs)
            return self._handed(function(*self._raised(args), **self._raised(kwargs)))

        return call

    def _raised(self, value: Any) -> Any:
        if isinstance(value, Handle):
            return Proxy(self, value)
        if isinstance(value, dict):
            return {self._raised(key): self._raised(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
            return type(value)(self._raised(item) for item in value)
        return value


class Proxy:
    """Stands for an object in the learner's process."""

    __slots__ = ("_handle", "_home")

    def __init__(self, home: Home, handle: Handle) -> None:
        object.__setattr__(self, "_home", home)
        object.__setattr__(self, "_handle", handle)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise CannotCross(
            "the type of the learner's object cannot be asked for from here (isinstance, type); "
            "use a probe: test.via(probe).on(...)"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        home: Home = object.__getattribute__(self, "_home")
        return home.call(object.__getattribute__(self, "_handle"), args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in SPOKEN:
            raise AttributeError(name)  # protocols of Python that nobody wrote in the test
        return _ask(self, "getattr", name=name)

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "setattr", name=name, value=value)

    def __getitem__(self, key: Any) -> Any:
        return _ask(self, "getitem", key=key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _ask(self, "setitem", key=key, value=value)

    def __len__(self) -> int:
        return int(_ask(self, "length"))

    def __iter__(self) -> Iterator[Any]:
        walker = _ask(self, "iterate")
        while item := _ask(walker, "advance"):
            yield item[0]

    def __next__(self) -> Any:
        if item := _ask(self, "advance"):
            return item[0]
        raise StopIteration

    def __repr__(self) -> str:
        return str(_ask(self, "text", exact=True))

    def __str__(self) -> str:
        return str(_ask(self, "text", exact=False))

    def __hash__(self) -> int:
        handle: Handle = object.__getattribute__(self, "_handle")
        return hash(("proxy", handle.number))


def _with_parameters(value: Any) -> Any:
    """The value with parameters, gradients and all, in the place of their snapshots."""
    if isinstance(value, dict) and set(value) == {"~parameter", "grad"}:
        tensor, grad = value["~parameter"], value["grad"]
        if not is_plain_tensor(tensor) or not (grad is None or is_plain_tensor(grad)):
            raise Malformed("a parameter that is none")
        parameter = torch.nn.Parameter(tensor.detach())
        parameter.grad = grad
        return parameter
    if isinstance(value, dict):
        return {key: _with_parameters(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)(_with_parameters(item) for item in value)
    return value


def _ask(proxy: Any, do: str, **details: Any) -> Any:
    home: Home = object.__getattribute__(proxy, "_home")
    return home.ask(do, of=object.__getattribute__(proxy, "_handle"), **details)


def _operator(name: str, swapped: bool = False) -> Callable[..., Any]:
    spoken = name + "_" if name in ("and", "or") else name

    def operate(self: Proxy, *others: Any) -> Any:
        home: Home = object.__getattribute__(self, "_home")
        operands = (*others, self) if swapped else (self, *others)
        return home.ask("operate", name=spoken, operands=operands)

    return operate


def _refuse(self: Proxy, *others: Any) -> Any:
    # An object that equals everything would pass any test.
    raise CannotCross(
        "the learner's own object must not decide whether it is equal, smaller or true; compare "
        "plain values of it, such as value.data == 5, or use a probe: test.via(probe).on(...)"
    )


for _name in COMPARISONS:
    setattr(Proxy, f"__{_name}__", _refuse)
for _name in (*BINARY, *UNARY):
    setattr(Proxy, f"__{_name}__", _operator(_name))
for _name in BINARY:
    setattr(Proxy, f"__r{_name}__", _operator(_name, swapped=True))


class _RemoteCall(torch.autograd.Function):
    """Links tensors that a call returned to those that it was given; `anchor` makes it run."""

    @staticmethod
    def forward(
        ctx: Any,
        home: Home,
        number: int,
        outputs: list[torch.Tensor],
        anchor: torch.Tensor,
        *inputs: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        ctx.home, ctx.number, ctx.shapes = home, number, [given.shape for given in inputs]
        return tuple(output.detach() for output in outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *slopes: torch.Tensor | None) -> tuple[Any, ...]:
        found = ctx.home.ask("backward", call=ctx.number, slopes=list(slopes))
        if not isinstance(found, list) or len(found) != len(ctx.shapes):
            raise Malformed("gradients that are none")
        for grad, shape in zip(found, ctx.shapes, strict=True):
            if grad is not None and (not is_plain_tensor(grad) or grad.shape != shape):
                raise Malformed("a gradient of another shape than its tensor")
        return (None, None, None, None, *found)


def _wants_gradient(leaf: Any) -> bool:
    return type(leaf) is torch.Tensor and leaf.requires_grad
