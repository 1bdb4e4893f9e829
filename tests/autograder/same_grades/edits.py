"""Edits that leave an answer's meaning alone, drawn at random: what honest learners do to code."""

import ast
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

EXPERIMENTS = (
    "1 + 1",
    "import math\nmath.pi",
    "print('does it work?')",
    "trial = torch.arange(6).reshape(2, 3)\ntrial.float() @ trial.float().T",
    "import torch as also_torch\nalso_torch.ones(2).sum()",
    "not_defined_yet",
    "%time sum(range(100))",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "def my_own(v):\n    return v * 2\nmy_own(torch.ones(2))",
    "[n for n in range(3)]",
    "torch.manual_seed(3)\ntorch.rand(2)",
)


@st.composite
def edited(draw: Draw, source: str) -> str:
    """An answer's source after some edits."""
    tree = ast.parse(source)
    chosen = draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=4, unique=True))
    for edit in chosen:
        edit(tree, draw)
    text = ast.unparse(ast.fix_missing_locations(tree))
    return commented(text, draw) if draw(st.booleans()) else text


@st.composite
def experiments(draw: Draw) -> list[str]:
    """The sources of some cells that a learner adds."""
    chosen: list[str] = draw(st.lists(st.sampled_from(EXPERIMENTS), max_size=3))
    return chosen


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions of a cell and the methods of its classes."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def rename_locals(tree: ast.Module, draw: Draw) -> None:
    for function in functions(tree):
        inside = list(ast.walk(function))
        taken = {node.arg for node in inside if isinstance(node, ast.arg)}
        outside = {
            name
            for node in inside
            if isinstance(node, (ast.Global, ast.Nonlocal))
            for name in node.names
        }
        stored = {
            node.id
            for node in inside
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        handled = {node.name for node in inside if isinstance(node, ast.ExceptHandler)}
        for name in sorted(stored - taken - outside - handled):
            if draw(st.booleans()):
                for node in inside:
                    if isinstance(node, ast.Name) and node.id == name:
                        node.id = f"my_{name}"


def add_hints(tree: ast.Module, draw: Draw) -> None:
    for function in functions(tree):
        for arg in (*function.args.args, *function.args.kwonlyargs):
            if arg.annotation is None and arg.arg != "self":
                arg.annotation = ast.Name("object", ast.Load())
        for index, statement in enumerate(function.body):
            match statement:
                case ast.Assign([ast.Name() as target], value) if draw(st.booleans()):
                    hint = ast.Name("object", ast.Load())
                    function.body[index] = ast.AnnAssign(target, hint, value, 1)


def dead_code(tree: ast.Module, draw: Draw) -> None:
    for function in functions(tree):
        if isinstance(function.body[-1], ast.Return):
            function.body += ast.parse("never = 1 / 0\nprint('never', never)").body


def insert_print(tree: ast.Module, draw: Draw) -> None:
    for function in functions(tree):
        after = len(function.body[:1]) if ast.get_docstring(function) else 0
        names = [arg.arg for arg in function.args.args][:1]
        said = ast.parse(f"print('called with', {', '.join(names) or '()'})").body
        function.body[after:after] = said


def split_helper(tree: ast.Module, draw: Draw) -> None:
    """The body of a top-level function moves into a helper that it calls."""
    for function in list(tree.body):
        if not isinstance(function, ast.FunctionDef) or function.decorator_list:
            continue
        helper = deepcopy(function)
        helper.name = f"inside_{function.name}"
        given = function.args
        passed: list[ast.expr] = [
            ast.Name(arg.arg, ast.Load()) for arg in (*given.posonlyargs, *given.args)
        ]
        if given.vararg:
            passed.append(ast.Starred(ast.Name(given.vararg.arg, ast.Load()), ast.Load()))
        words = [ast.keyword(arg.arg, ast.Name(arg.arg, ast.Load())) for arg in given.kwonlyargs]
        if given.kwarg:
            words.append(ast.keyword(None, ast.Name(given.kwarg.arg, ast.Load())))
        kept = function.body[:1] if ast.get_docstring(function) else []
        call = ast.Call(ast.Name(helper.name, ast.Load()), passed, words)
        function.body = [*kept, ast.Return(call)]
        tree.body.insert(tree.body.index(function), helper)


def swap_independent(tree: ast.Module, draw: Draw) -> None:
    """Two assignments next to each other change places where neither uses the other's names."""
    for function in functions(tree):
        body = function.body
        for index in range(len(body) - 1):
            one, other = body[index], body[index + 1]
            if not (isinstance(one, ast.Assign) and isinstance(other, ast.Assign)):
                continue
            alone = not stores(one) & names(other) and not stores(other) & names(one)
            if alone and draw(st.booleans()):
                body[index], body[index + 1] = other, one


def names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def stores(node: ast.AST) -> set[str]:
    return {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)
    }


def torch_as_t(tree: ast.Module, draw: Draw) -> None:
    if "t" in names(tree) | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "torch":
            node.id = "t"
    tree.body.insert(0, ast.parse("import torch as t").body[0])


def commented(text: str, draw: Draw) -> str:
    """Comments and blank lines before statements."""
    starts = {node.lineno: node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)}
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        if number in starts and draw(st.booleans()):
            indent = " " * (len(line) - len(line.lstrip()))
            lines += ["", f"{indent}# what comes next: {number}"]
        lines.append(line)
    return "\n".join(lines)


EDITS = (
    rename_locals,
    add_hints,
    dead_code,
    insert_print,
    split_helper,
    swap_independent,
    torch_as_t,
)
