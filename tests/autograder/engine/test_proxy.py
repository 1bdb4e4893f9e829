"""A test cell's hold on the learner's names, through the frames of the wire but in one process."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torchgrade.engine.answer import Answers
from torchgrade.engine.channel import HEADER, Message
from torchgrade.engine.proxy import Home
from torchgrade.engine.wire import pack, unpack

NOTEBOOK = """
import torch
from torch import nn

def double(x): return 2 * x
def pair(x, y=1.0): return {"sum": x + y, "both": (x, y)}
def count(n):
    for i in range(n):
        yield i * torch.ones(2)
class WrongSize(ValueError): pass
def refuse(x): raise WrongSize(f"got {tuple(x.shape)}")
def each(f, items): return [f(item) for item in items]
class Affine(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(m, n))
        self.bias = nn.Parameter(torch.zeros(m))
        self.register_buffer("calls", torch.tensor(0))
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        self.calls += 1
        return self.drop(x @ self.weight.T + self.bias)
class Value:
    def __init__(self, data): self.data = data
    def __add__(self, other): return Value(self.data + getattr(other, "data", other))
    __radd__ = __add__
    def __eq__(self, other): return self.data == other.data
    def __repr__(self): return f"Value({self.data})"
table = {"a": [1, 2], "b": torch.ones(2)}
"""


class InOneProcess:
    """Asks `Answers` through packed frames, calling back into the test."""

    def __init__(self) -> None:
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(NOTEBOOK, names)
        self.callbacks: dict[int, Callable[..., Any]] = {}
        self._answers = Answers(names, self._call_back)

    def ask(self, request: Message) -> Message:
        return _crossed(self._answers.answer(_crossed(request)), self._answers.keep)

    def _call_back(self, number: int, args: Any, kwargs: Any) -> Any:
        asked = _crossed({"args": args, "kwargs": kwargs}, self._answers.keep)
        value = self.callbacks[number](asked["args"], asked["kwargs"])
        return _crossed({"value": value})["value"]


def _crossed(message: Message, keep: Callable[[Any], Any] | None = None) -> Message:
    frame = pack(message, keep)
    text, _ = HEADER.unpack_from(frame)
    return unpack(frame[HEADER.size : HEADER.size + text], frame[HEADER.size + text :])


@pytest.fixture
def home() -> Home:
    asker = InOneProcess()
    return Home(asker, asker.callbacks)


def test_a_function_is_called_with_tensors_and_plain_values(home: Home) -> None:
    assert torch.equal(home.get("double")(torch.ones(2)), torch.full((2,), 2.0))
    made = home.get("pair")(torch.ones(2), y=3)
    assert made["both"][1] == 3
    assert torch.equal(made["sum"], torch.full((2,), 4.0))
    assert home.get("double").__name__ == "double"


def test_plain_values_come_as_they_are(home: Home) -> None:
    table = home.get("table")
    assert table["a"] == [1, 2]
    assert torch.equal(table["b"], torch.ones(2))


def test_a_missing_name_is_a_name_error(home: Home) -> None:
    with pytest.raises(NameError, match="triple"):
        home.get("triple")


def test_gradients_flow_back_to_the_inputs(home: Home) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (home.get("double")(x * 3) ** 2).sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, 72 * x.detach())


def test_two_outputs_and_two_backward_passes(home: Home) -> None:
    x, y = (torch.ones(2, requires_grad=True) for _ in range(2))
    made = home.get("pair")(x, y)
    made["sum"].sum().backward()
    made["sum"].mul(2).sum().backward()
    assert torch.equal(x.grad, torch.full((2,), 3.0))  # type: ignore[arg-type]
    assert torch.equal(y.grad, torch.full((2,), 3.0))  # type: ignore[arg-type]


def test_without_gradients_nothing_is_linked(home: Home) -> None:
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        assert not home.get("double")(x).requires_grad


def test_a_module_is_built_loaded_called_and_trained(home: Home) -> None:
    layer = home.get("Affine")(3, 2)
    assert sorted(name for name, _ in layer.named_parameters()) == ["bias", "weight"]
    assert [tuple(p.shape) for p in layer.parameters()] == [(2, 3), (2,)]
    weight = torch.arange(6.0).reshape(2, 3)
    layer.load_state_dict({"weight": weight, "bias": torch.ones(2), "calls": torch.tensor(0)})
    assert torch.equal(layer.state_dict()["weight"], weight)
    layer.eval()
    assert layer.training is False
    x = torch.ones(4, 3)
    assert torch.equal(layer(x), x @ weight.T + 1)
    assert dict(layer.named_buffers())["calls"] == 1
    layer(x).sum().backward()
    assert torch.equal(layer.weight.grad, torch.full((2, 3), 4.0))
    assert isinstance(layer.weight, nn.Parameter)
    layer.zero_grad()
    assert layer.weight.grad is None
    layer.train()
    assert layer.training is True


def test_a_hook_of_the_test_sees_outputs(home: Home) -> None:
    layer = home.get("Affine")(3, 2)
    layer.eval()
    shapes: list[tuple[int, ...]] = []
    handle = layer.register_forward_hook(lambda module, args, out: shapes.append(tuple(out.shape)))
    layer(torch.ones(4, 3))
    handle.remove()
    layer(torch.ones(5, 3))
    assert shapes == [(4, 2)]


def test_generators_are_walked(home: Home) -> None:
    walker = home.get("count")(3)
    assert torch.equal(next(walker), torch.zeros(2))
    assert [float(item[0]) for item in walker] == [1.0, 2.0]
    with pytest.raises(StopIteration):
        next(walker)


def test_instances_have_attributes_operators_and_text(home: Home) -> None:
    value = home.get("Value")
    total = value(2) + value(3)
    assert total.data == 5
    assert (1 + total).data == 6
    assert repr(total) == "Value(5)"
    total.data = 7
    assert total.data == 7


def test_an_exception_keeps_its_name_and_its_kind(home: Home) -> None:
    with pytest.raises(ValueError, match=r"\(2, 1\)") as caught:
        home.get("refuse")(torch.ones(2, 1))
    assert type(caught.value).__name__ == "WrongSize"


def test_a_function_of_the_test_is_called_back(home: Home) -> None:
    assert home.get("each")(lambda n: n + 1, [1, 2]) == [2, 3]
    with pytest.raises(ZeroDivisionError):
        home.get("each")(lambda n: 1 / n, [0])


@pytest.mark.parametrize(
    "does",
    [
        lambda thing: isinstance(thing, nn.Module),
        lambda thing: thing(nn.Linear(1, 1)),
        lambda thing: thing({1, 2}),
        lambda thing: thing == 5,
        lambda thing: bool(thing),
        lambda thing: 5 in thing,
    ],
)
def test_what_cannot_cross_says_so(does: Callable[[Any], Any], home: Home) -> None:
    with pytest.raises(TypeError, match="probe"):
        does(home.get("double"))
