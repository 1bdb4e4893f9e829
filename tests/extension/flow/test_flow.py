"""What the graph of a traced cell says."""

from __future__ import annotations

import pytest

from .conftest import Notebook

MODEL = """
class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        return x + self.mlp(self.norm(x))

class Model(nn.Module):
    def __init__(self, n=2, d=8):
        super().__init__()
        self.h = nn.ModuleList([Block(d) for _ in range(n)])
        self.head = nn.Linear(d, 3, bias=False)

    def forward(self, x):
        for block in self.h:
            x = block(x)
        return self.head(x)

model = Model()
x = torch.randn(4, 8)
"""


def test_operations_and_the_tensors_between_them(notebook: Notebook) -> None:
    notebook.run("q = torch.randn(2, 5, 8)")
    graph = notebook.trace(
        "def attention(q, k, v):\n    s = q @ k.transpose(-2, -1) / 8 ** 0.5\n"
        "    return s.softmax(-1) @ v\nout = attention(q, q, q)"
    )
    assert graph.names() == ["q", "transpose", "matmul", "div", "softmax", "matmul", "out"]
    assert graph.arrows() == {
        ("q", "transpose", (2, 5, 8)),
        ("q", "matmul", (2, 5, 8)),
        ("transpose", "matmul", (2, 8, 5)),
        ("matmul", "div", (2, 5, 5)),
        ("div", "softmax", (2, 5, 5)),
        ("softmax", "matmul", (2, 5, 5)),
        ("matmul", "out", (2, 5, 8)),
    }
    assert graph.text(graph.node("transpose")) == "k.transpose(-2, -1)"
    assert [graph.node(name)["kind"] for name in ("q", "out")] == ["input", "output"]


def test_modules_nest_and_their_parameters_are_counted(notebook: Notebook) -> None:
    notebook.run(MODEL)
    graph = notebook.trace("logits = model(x)")
    found = [(m["name"], m["type"], m["parameters"]) for m in graph.modules]
    assert found[:3] == [("model", "Model", 616), ("h.0", "Block", 296), ("norm", "LayerNorm", 16)]
    assert graph.modules[0]["trainable"] == 616
    linear = graph.node("linear")
    assert graph.path(linear) == ["model", "h.0", "mlp", "0"]
    assert [(w["name"], w["shape"]) for w in linear["weights"]] == [
        ("weight", [16, 8]),
        ("bias", [16]),
    ]
    # What is inside of torch's own layers is told by the line that called them.
    assert graph.text(linear) == "self.mlp(self.norm(x))"
    assert graph.names("input", "output") == ["x", "logits"]
    assert len([m for m in graph.modules if m["type"] == "Block"]) == 2


def test_a_loop_is_as_large_as_its_body(notebook: Notebook) -> None:
    notebook.run(MODEL + "y = torch.zeros(4).long()")
    graph = notebook.trace(
        "opt = torch.optim.Adam(model.parameters())\n"
        "for step in range(20):\n"
        "    loss = F.cross_entropy(model(x), y)\n"
        "    opt.zero_grad()\n    loss.backward()\n    opt.step()"
    )
    assert len(graph.nodes) == 16
    assert {node["count"] for node in graph.nodes if node["kind"] == "operation"} == {20}
    assert graph.names("backward", "step") == ["backward x20", "Adam.step x20"]
    assert ("cross_entropy", "backward", ()) in graph.arrows()
    assert ("backward", "Adam.step", None) in graph.arrows()
    assert {module["calls"] for module in graph.modules} == {20}


def test_the_same_function_on_another_line_is_counted_there(notebook: Notebook) -> None:
    graph = notebook.trace(
        "x = torch.ones(3)\nfor i in range(40):\n"
        "    if i % 20 < 15:\n        h = F.relu(x)\n    else:\n        h = F.relu(x)"
    )
    assert graph.names("operation")[1:] == ["relu x30", "relu x10"]


def test_a_value_of_an_earlier_round_comes_back(notebook: Notebook) -> None:
    graph = notebook.trace("h = torch.zeros(3)\nfor _ in range(9):\n    h = (h + 1).tanh()")
    assert graph.names() == ["zeros", "add x9", "tanh x9", "h"]
    assert ("tanh", "add", (3,)) in graph.arrows()


def test_a_line_with_ever_new_shapes_is_one_node_in_the_end(notebook: Notebook) -> None:
    graph = notebook.trace(
        "t = torch.zeros(1, 1)\nfor _ in range(30):\n    t = torch.cat([t, t[:, -1:]], 1)"
    )
    assert len(graph.nodes) < 25
    last = graph.nodes[-2]
    assert (last["name"], last["varies"]) == ("cat", True)
    assert last["made"][0]["shape"] == [1, 31]


def test_the_failing_operation_is_marked(notebook: Notebook) -> None:
    notebook.run(MODEL)
    graph = notebook.trace(
        "try:\n    x @ x\nexcept RuntimeError:\n    pass\nmodel(torch.randn(4, 7))", fails=True
    )
    failed = [node for node in graph.nodes if node["failed"]]
    assert [node["name"] for node in failed] == ["layer_norm"]
    assert graph.path(failed[0]) == ["model", "h.0", "norm"]
    assert "normalized_shape" in failed[0]["error"]
    assert graph.content["error"].startswith("RuntimeError")


def test_gradients_are_followed_on_their_way_back(notebook: Notebook) -> None:
    graph = notebook.trace(
        "W = torch.randn(8, 3, requires_grad=True)\nx = torch.randn(4, 8)\n"
        "loss = (x @ W).detach().mean() + (x @ W).mean()\nloss.backward()\nstep = W.grad * 0.1"
    )
    grads = {(graph.nodes[e["source"]]["name"], e["grad"]) for e in graph.edges}
    assert ("detach", True) not in grads
    assert ("matmul", True) in grads
    assert graph.node("add")["grad_fn"] == "AddBackward0"
    assert ("backward", "mul", (8, 3)) in graph.arrows()


def test_dimensions_have_the_names_that_the_code_gives_them(notebook: Notebook) -> None:
    graph = notebook.trace(
        "q = torch.randn(2, 5, 8)  # (B, T, D)\n"
        "def attention(q, k):\n"
        "    scores = q @ k.mT  # (B, T, T)\n"
        "    weights = scores.softmax(-1)\n"
        "    return torch.einsum('bts,bsd->btd', weights, k)\n"
        "head = nn.Linear(8, 3)\n"
        "y = attention(q, q)\n"
        "z = head(y)  # (B, T, classes)"
    )
    made = {node["name"]: node["made"][0]["dims"] for node in graph.nodes}
    assert made["randn"] == ["B", "T", "D"]
    # One name for two sizes would be none; here both are T.
    assert made["matmul"] == ["B", "T", "T"]
    assert made["mT"] is None
    assert made["softmax"] == ["b", "t", "s"]
    assert made["einsum"] == ["b", "t", "d"]
    assert made["linear"] == ["B", "T", "classes"]
    carried = {graph.nodes[edge["source"]]["name"]: edge["dims"] for edge in graph.edges}
    assert carried["randn"] == ["B", "T", "D"]
    assert carried["softmax"] == ["b", "t", "s"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = torch.ones(2)\nx[0] = 1\ny = x + 1", ["ones", "assign", "add", "y"]),
        ("x = torch.ones(2, 1)\nx += 1\ny = x.T", ["ones", "add_", "T", "y"]),
        ("a, b = torch.ones(4).chunk(2)", ["ones", "chunk", "a"]),
        ("v, i = torch.ones(4).max(0)", ["ones", "max", "v"]),
        ("x = torch.ones(2)\nx.shape, len(x), x.sum().item(), str(x)\n0", ["ones", "sum"]),
        ("l = nn.Linear(2, 3)\nl(torch.ones(2))\n0", ["ones", "linear"]),
        ("y = nn.Identity()(torch.ones(2))", ["ones", "Identity", "y"]),
        ("y = torch.einsum('ij,kj->ik', torch.ones(2, 3), torch.ones(4, 3))",
         ["ones", "ones", "einsum", "y"]),
        ("%%time\ny = torch.ones(2) + 1", ["ones", "add", "y"]),
        ("%%capture\ny = torch.ones(2) + 1", ["ones", "add", "y"]),
        ("import asyncio\nawait asyncio.sleep(0)\ny = torch.ones(2) + 1", ["ones", "add", "y"]),
        ("with torch.autocast('cpu'):\n    y = torch.ones(2) + 1", ["ones", "add", "y"]),
        ("from torch.utils.data import DataLoader\n"
         "for x in DataLoader(torch.ones(4, 2), batch_size=2):\n    y = x * 2",
         ["ones", "x x2", "mul x2", "y"]),
        ("f = torch.compile(lambda a: a.relu(), backend='eager')\ny = f(torch.ones(2))",
         ["ones", "relu", "y"]),
    ],
)  # fmt: skip
def test_what_a_cell_is_made_of(notebook: Notebook, source: str, names: list[str]) -> None:
    assert notebook.trace(source).names() == names
