"""backward has run, and what should have a gradient has none."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...lines.sites import MODULE, Scope
from ...translation import _, ngettext
from .. import forms
from ..flow import Statement
from ..model import Caution, Remedy
from ..moment import Held, Parameter
from ..scene import Scene

MOST_NAMED = 3
# These leave the graph without a word of it.
CUTS = {"item", "tolist", "numpy", "float", "int"}


def gradient(scene: Scene) -> Iterator[Caution]:
    """Tensors, models and optimizers that the backward of this cell did not reach."""
    yield from _asked(scene)
    for back in _backwards(scene):
        yield from _leaves(scene, back)
        yield from _modules(scene, back)
        yield from _optimizers(scene, back)


def _asked(scene: Scene) -> Iterator[Caution]:
    """x.grad of an x that never gets one."""
    has_backward = any(_is_backward(node) for node in ast.walk(scene.flow.tree))
    for at in scene.statements():
        for node in at.nodes() if at.scope == MODULE and has_backward else ():
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr="grad", ctx=ast.Load()):
                    held = scene.moment.after.get(name)
                    found = held and _never(scene, name, held, node, at)
                    if found:
                        yield found


def _never(
    scene: Scene, name: str, held: Held, node: ast.Attribute, at: Statement
) -> Caution | None:
    outer = scene.parent(node)
    line = scene.source.lines[node.lineno - 1]
    # Who asks whether there is one, or writes that there is none, knows.
    if isinstance(outer, ast.Compare) or "None" in line or held.has_grad:
        return None
    if held.is_leaf and held.requires_grad:
        return None
    spot = scene.spot(node)
    floating = str(held.facts.dtype).startswith(("float", "bfloat", "complex"))
    if spot is None or not floating or scene.flow.between(name, at, _end(scene, at)):
        return None
    if not held.requires_grad:
        sentence = _(
            "{name}.grad is None: {name} does not require a gradient, so backward passes it by.",
            name=name,
        )
        remedy = Remedy(_("Say so before it is used."), f"{name}.requires_grad_()")
    else:
        sentence = _(
            "{name}.grad is None: {name} was computed from other tensors, and "
            "backward keeps gradients for leaves only.",
            name=name,
        )
        remedy = Remedy(_("Ask for it before backward."), f"{name}.retain_grad()")
        origin = scene.origins.definition(scene.said(ast.Name(name, ast.Load()), at))
        if origin is not None and "requires_grad=True" in ast.unparse(origin.node):
            remedy = Remedy(
                _("Compute it first, and then call {name}.requires_grad_().", name=name)
            )
    return Caution("gradient", sentence, scene.text(node), spot, remedies=(remedy,))


def _backwards(scene: Scene) -> list[Statement]:
    """The last call of backward in the cell itself, if nothing empties the gradients after it."""
    calls = [
        at
        for at in scene.statements()
        if at.scope == MODULE and any(_is_backward(n) for n in at.nodes())
    ]
    if not calls or _is_emptied(scene, calls[-1], MODULE):
        return []
    return calls[-1:]


def _is_backward(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "backward"


def _is_emptied(scene: Scene, back: Statement, scope: Scope) -> bool:
    for at in scene.flow.statements:
        if at.order < back.order and at.scope == scope:
            continue
        for part in ast.walk(at.node):
            if isinstance(part, ast.Attribute) and part.attr == "zero_grad":
                return True
            match part:
                case ast.Attribute(attr="grad", ctx=ast.Store() | ast.Del()):
                    return True
    return False


def _leaves(scene: Scene, back: Statement) -> Iterator[Caution]:
    """Leaves on the way to the loss that were turned into plain numbers there."""
    for name, held in scene.moment.after.items():
        if not (held.is_leaf and held.requires_grad) or held.has_grad:
            continue
        for at in scene.statements():
            if at.order >= back.order or at.scope != MODULE:
                continue
            node = next((n for n in at.nodes() if _cuts(n, name)), None)
            spot = None if node is None else scene.spot(node)
            if node is None or spot is None or not _leads(scene, at, back):
                continue
            how = ast.unparse(node)
            sentence = _(
                "backward did not reach {name}: {code} is a plain number, which knows "
                "nothing of {name}. So {name}.grad is None.",
                name=name,
                code=how,
            )
            remedy = Remedy(_("Compute with the tensor itself."), name)
            yield Caution("gradient", sentence, how, spot, remedies=(remedy,))
            break


def _cuts(node: ast.AST, name: str) -> bool:
    """w.item(), float(w), torch.tensor(w)."""
    if not isinstance(node, ast.Call):
        return False
    does, operands = forms.operation(node)
    root = operands[0] if operands else None
    while isinstance(root, ast.Call | ast.Attribute | ast.Subscript):
        if forms.operation(root)[0] == "grad":
            return False
        inner = forms.operation(root)[1]
        root = root.value if isinstance(root, ast.Subscript) else (inner[0] if inner else None)
    is_name = isinstance(root, ast.Name) and root.id == name
    copies = (
        does in ("tensor", "as_tensor") and forms.is_library(node.func.value)
        if isinstance(node.func, ast.Attribute)
        else False
    )
    return is_name and (does in CUTS or copies)


def _leads(scene: Scene, at: Statement, back: Statement) -> bool:
    """Whether what `at` assigns is on the way to what backward is called on."""
    wanted = {n.id for p in back.parts() for n in ast.walk(p) if isinstance(n, ast.Name)}
    for statement in reversed([s for s in scene.flow.statements if s.order <= back.order]):
        bound = {
            b.name
            for n in wanted
            for b in scene.flow.bindings(MODULE, n)
            if b.statement is statement
        }
        if statement is at:
            return bool(bound) or at is back
        if bound:
            wanted |= {
                n.id for p in statement.parts() for n in ast.walk(p) if isinstance(n, ast.Name)
            }
    return False


def _modules(scene: Scene, back: Statement) -> Iterator[Caution]:
    """Some parameters of a model that was called have a gradient, others have none."""
    for name, tensors in scene.moment.modules.items():
        ours = [t for t in tensors if t.requires_grad]
        without = [t for t in ours if not t.has_grad]
        call = _plain_call(scene, name, back)
        if not without or call is None or len(without) == len(ours):
            continue
        spot = scene.spot(call)
        if spot is None:
            continue
        named = ", ".join(f"{name}.{t.name}" for t in without[:MOST_NAMED])
        more = len(without) - MOST_NAMED
        if more > 0:
            named = _("{names} and {more} more", names=named, more=more)
        reached = _(
            "backward reached {reached} of {all} parameters of {name}.",
            reached=len(ours) - len(without),
            all=len(ours),
            name=name,
        )
        missed = ngettext(
            "{named} has no gradient: it had no part in the loss, and no optimizer will change it.",
            "{named} have no gradient: they had no part in the loss, and no optimizer will change "
            "them.",
            len(without),
            named=named,
        )
        sentence = f"{reached} {missed}"
        remedy = Remedy(
            _("Use {part} in forward, or take it out of the model.", part=_part(without))
        )
        yield Caution("gradient", sentence, scene.text(call), spot, remedies=(remedy,))


def _part(without: list[Parameter]) -> str:
    part = without[0].name.rpartition(".")[0]
    return f"self.{part or without[0].name}"


def _plain_call(scene: Scene, name: str, back: Statement) -> ast.Call | None:
    """A call of the whole module with tensors alone: nothing tells it to use a part of itself."""
    found = None
    for at in scene.statements():
        if at.order > back.order or at.scope != MODULE:
            continue
        for node in at.nodes():
            match node:
                case ast.Attribute(attr=attribute) if _root(node) == name:
                    called = isinstance(scene.parent(node), ast.Call)
                    if called and attribute not in QUIET:
                        # model.encoder(x), model.training_step(batch): a part, or another way.
                        return None
                case ast.Call(func=ast.Name(id=called_name)) if called_name == name:
                    constants = any(isinstance(a, ast.Constant) for a in node.args)
                    found = None if node.keywords or constants else node
    return found


QUIET = {"parameters", "named_parameters", "train", "eval", "to", "zero_grad", "state_dict"}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _optimizers(scene: Scene, back: Statement) -> Iterator[Caution]:
    """No tensor of an optimizer that steps has a gradient: it belongs to another model."""
    for name, grads in scene.moment.optimizers.items():
        if not grads or any(grads):
            continue
        for at in scene.statements():
            for node in at.nodes() if at.scope == MODULE else ():
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="step")):
                        spot = scene.spot(node)
                        if found == name and spot is not None:
                            sentence = _(
                                "{name}.step() changed nothing: none of its {count} tensors got a "
                                "gradient. Perhaps it holds the parameters of a model that has "
                                "been made anew since.",
                                name=name,
                                count=len(grads),
                            )
                            remedy = Remedy(_("Make the optimizer again, after the model."))
                            yield Caution(
                                "gradient", sentence, scene.text(node), spot, remedies=(remedy,)
                            )
                            return


def _end(scene: Scene, at: Statement) -> Statement:
    return scene.flow.statements[-1] if scene.flow.statements else at
