"""The learner's side: keeps the notebook's names, and answers what the judge asks of them.

A request is a message with `do` (one of the methods below) and what that takes. A reply has
`value`, or `raised` (an exception as data), or `cannot` (what cannot cross, in words).
"""

import base64
import builtins
import contextlib
import importlib
import io
import marshal
import operator
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from types import FunctionType, ModuleType
from typing import Any

import torch

from torchgrade.check.observe import Call, Observation, Watch, observe
from torchgrade.check.plain import NotPlain, is_plain_tensor, walk
from torchgrade.engine.channel import Message
from torchgrade.engine.wire import Handle, pack

# Asked back by the learner's code in the middle of a request: the judge runs one of its own
# functions with these arguments and returns what it gave.
CallBack = Callable[[int, tuple[Any, ...], dict[str, Any]], Any]
MOST_TEXT = 10_000


class Answers:
    """Answers requests about one notebook's names.

    Args:
        namespace: the notebook's global names.
        call_back: calls a function of the judge by number; None where that is not possible.
    """

    def __init__(self, namespace: dict[str, Any], call_back: CallBack | None = None) -> None:
        self._names = namespace
        self._call_back = call_back
        self._kept: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._graphs: dict[int, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}
        self._next = 1

    def answer(self, request: Message) -> Message:
        """Answer one request; what the learner's code raises is data in the reply."""
        do = request.pop("do")
        try:
            return {"value": getattr(self, f"do_{do}")(**request)}
        except NotPlain as error:
            return {"cannot": str(error)}
        except KeyboardInterrupt:
            return {"stopped": True}
        except (Exception, SystemExit) as error:
            return {"raised": raised(error)}

    def keep(self, value: Any) -> Handle:
        """A handle in the place of an object that cannot be sent."""
        number = self._numbers.get(id(value))
        if number is None:
            number, self._next = self._next, self._next + 1
            self._kept[number], self._numbers[id(value)] = value, number
        return Handle(number, _kind(value), type(value).__name__)

    def frame(self, message: Message) -> bytes:
        """A message, packed; what cannot be packed is said in its place."""
        try:
            return pack(message, self.keep)
        except (NotPlain, RecursionError, MemoryError, RuntimeError) as error:
            return pack({"number": message["number"], "cannot": str(error)[:500]})

    # Checks -------------------------------------------------------------------------------------

    def do_has(self, name: str) -> bool:
        return name in self._names

    def do_observe(
        self,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        via: Mapping[str, Any] | None,
        watch: Mapping[str, Any],
    ) -> dict[str, Any]:
        call = Call("", args, kwargs, None if via is None else probe_from(via))
        return told(observe(self._names[name], call, Watch(**watch)))

    # Proxies ------------------------------------------------------------------------------------

    def do_get(self, name: str) -> Any:
        if name not in self._names:
            raise NameError(f"name {name!r} is not defined")
        return self._out(self._names[name])

    def do_call(
        self, of: Any, args: tuple[Any, ...], kwargs: dict[str, Any], call: int, grad: bool
    ) -> Any:
        subject = self._in(of)
        leaves: list[torch.Tensor] = []
        with contextlib.redirect_stdout(io.StringIO()), torch.set_grad_enabled(grad):
            value = subject(*self._in(args, leaves), **self._in(kwargs, leaves))
        outputs = [leaf for _, leaf in walk(value) if _has_graph(leaf)]
        if outputs:
            self._graphs[call] = (outputs, leaves)
        return self._out(value)

    def do_backward(self, call: int, slopes: list[torch.Tensor | None]) -> list[Any]:
        """Gradients of the tensors that call was given; parameters gather their own."""
        outputs, leaves = self._graphs[call]
        pairs = [(o, s) for o, s in zip(outputs, slopes, strict=True) if s is not None]
        before = [leaf.grad for leaf in leaves]
        for leaf in leaves:
            leaf.grad = None
        torch.autograd.backward([o for o, _ in pairs], [s for _, s in pairs], retain_graph=True)
        found = [leaf.grad for leaf in leaves]
        for leaf, grad in zip(leaves, before, strict=True):
            leaf.grad = grad
        return found

    def do_getattr(self, of: Any, name: str) -> Any:
        return self._out(getattr(self._in(of), name))

    def do_setattr(self, of: Any, name: str, value: Any) -> None:
        setattr(self._in(of), name, self._in(value))

    def do_getitem(self, of: Any, key: Any) -> Any:
        return self._out(self._in(of)[self._in(key)])

    def do_setitem(self, of: Any, key: Any, value: Any) -> None:
        self._in(of)[self._in(key)] = self._in(value)

    def do_length(self, of: Any) -> int:
        return len(self._in(of))

    def do_iterate(self, of: Any) -> Any:
        return self.keep(iter(self._in(of)))

    def do_advance(self, of: Any) -> list[Any]:
        """The next item in a list, or an empty list at the end."""
        for item in self._in(of):
            return [self._out(item)]
        return []

    def do_text(self, of: Any, exact: bool) -> str:
        subject = self._in(of)
        return repr(subject) if exact else str(subject)

    def do_operate(self, name: str, operands: tuple[Any, ...]) -> Any:
        return self._out(getattr(operator, name)(*self._in(operands)))

    # Values in and out --------------------------------------------------------------------------

    def _in(self, value: Any, leaves: list[torch.Tensor] | None = None) -> Any:
        if isinstance(value, Handle):
            return self._callback(value) if value.kind == "callback" else self._kept[value.number]
        if isinstance(value, dict):
            return {self._in(key): self._in(item, leaves) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
            return type(value)(self._in(item, leaves) for item in value)
        if leaves is not None and is_plain_tensor(value) and value.requires_grad:
            leaves.append(value)
        return value

    def _out(self, value: Any) -> Any:
        """Plain containers as they are; what is no plain data as handles inside them."""
        if type(value) in (list, tuple):
            return type(value)(self._out(item) for item in value)
        if type(value) is dict:
            return {key: self._out(item) for key, item in value.items()}
        if isinstance(value, Mapping):  # a state_dict is an ordered one with attributes
            return {key: self._out(item) for key, item in value.items()}
        if is_plain_tensor(value) and value.is_leaf and value.requires_grad:
            return {"~parameter": value, "grad": value.grad}
        return value

    def _callback(self, handle: Handle) -> Callable[..., Any]:
        ask = self._call_back
        if ask is None:
            raise NotPlain("a function of the test: use a probe")

        def function(*args: Any, **kwargs: Any) -> Any:
            plain = self._out(args), self._out(kwargs)
            return self._in(ask(handle.number, *plain))

        return function


def told(seen: Observation) -> dict[str, Any]:
    """An observation as a message."""
    message = {name: getattr(seen, name) for name in Observation.__dataclass_fields__}
    message["facts"] = {path: asdict(facts) for path, facts in seen.facts.items()}
    message["views"] = [
        {name: getattr(view, name) for name in view.__dataclass_fields__} for view in seen.views
    ]
    for name in ("error", "no_gradient"):
        raised = getattr(seen, name)
        message[name] = None if raised is None else asdict(raised)
    return message


def raised(error: BaseException) -> dict[str, Any]:
    """An exception as data: its type's names, its message, the line of the notebook."""
    try:
        message = str(error)
    except Exception:
        message = "(an exception without a readable message)"
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if "ipykernel_" in frame.filename or frame.filename.startswith("<"):
            line = (frame.line or "").strip() or line
    return {
        "types": [kind.__name__ for kind in type(error).__mro__[:-1]],
        "message": message[:MOST_TEXT],
        "line": line[:500],
    }


def as_exception(types: Sequence[str], message: str) -> Exception:
    """An exception that was sent as data: of the nearest type known here, under its own name."""
    for name in types:
        known = getattr(builtins, name, None) or getattr(torch, name, None)
        if isinstance(known, type) and issubclass(known, Exception):
            kind = known if name == types[0] else type(types[0], (known,), {})
            try:
                return kind(message)
            except TypeError:  # UnicodeDecodeError and others want more than a message
                continue
    return RuntimeError(f"{types[0]}: {message}")


def probe_from(via: Mapping[str, Any]) -> Callable[..., Any]:
    """The probe that `remote.probe_as_data` took apart."""
    if "module" in via:
        found: Callable[..., Any] = operator.attrgetter(via["name"])(_module(via["module"]))
        return found
    names: dict[str, Any] = {"__builtins__": builtins, "__name__": "__probe__"}
    names |= {name: _module(module) for name, module in via["modules"].items()}
    code = marshal.loads(base64.b64decode(via["code"]))  # written by the judge, never by a learner
    function = FunctionType(code, names, via["name"], via["defaults"])
    function.__kwdefaults__ = via["kwdefaults"]
    return function


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def _kind(value: Any) -> str:
    if isinstance(value, torch.nn.Module):
        return "module"
    if isinstance(value, ModuleType):
        return "package"
    if isinstance(value, type):
        return "class"
    if isinstance(value, Iterator):
        return "iterator"
    return "function" if callable(value) else "object"


def _has_graph(leaf: Any) -> bool:
    return is_plain_tensor(leaf) and leaf.requires_grad and not leaf.is_leaf
