"""The one function the page calls, and the object that carries its answer out of the kernel."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ..translation import ENGLISH, _, speak
from .caught import caught, listen
from .detail import detail
from .plain import Json, class_name, encodable
from .snapshot import snapshot
from .survey import Namespace, current_shell

log = logging.getLogger(__name__)

PROTOCOL_VERSION = 1
LIMIT, MOST_LISTED = 1000, 10_000
CELLS, MOST_CELLS = 4096, 65_536


class BadRequest(Exception):
    """The request is not of the protocol; the argument says in a sentence how.

    In English: it is for who writes the page, no learner sees it.
    """


class Reply:
    """An answer that IPython formats as JSON. `content` holds plain JSON types only, no tensor."""

    __slots__ = ("content",)

    def __init__(self, content: Json) -> None:
        self.content = content

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Json]:
        return {"application/json": self.content}

    def __repr__(self) -> str:
        return f"<torchenstein {self.content['kind']}>"


def reply(kind: str, /, **options: Any) -> Reply:
    """Answer the page; never raises, whatever lives in the user's namespace.

    `kind` is "snapshot" (option `limit`: most tensors to list), "detail" (options `name`,
    `max_cells`, `index`), "lines" (options `since`: the revision known already; `watch`: begin or
    end watching), "explain" (option `raised`: the error of a check, as its report tells it; without
    it, the last one of a cell), "cautions" (options `since` and `watch`; `off`: kinds not wanted),
    "explore" (options `explorer`, `names`, and for some `equation`, `stride`, `padding`,
    `dilation`), "flow" (options `since`; `trace`: the cell to trace when it runs next) or "live"
    (options `run`, `since`: the run and the sample known already; `gradients`: look at them too).
    Each may say the page's `language`, a code such as de-DE, for the sentences in the answer.
    The content is what `protocol.json` has for it, or a Failure.
    """
    try:
        speak(options.pop("language", ENGLISH))
        listen()
        content = _answer(kind, options)
    except BadRequest as problem:
        content = failure("bad request", str(problem))
    except BaseException as problem:
        # The broadest net on purpose: a stop button pressed at this moment, or an object that
        # raises SystemExit from a property, must not end in the kernel as our traceback.
        log.debug("inspector", exc_info=problem)
        content = failure("error", _("The inspector stopped: {error}.", error=class_name(problem)))
    return Reply({"kind": content["kind"], "version": PROTOCOL_VERSION, **content})


def failure(reason: str, message: str) -> Json:
    """A Failure without its version; `message` is a sentence for the reader."""
    return {"kind": "failure", "reason": reason, "message": encodable(message)}


def _answer(kind: object, options: Mapping[str, Any]) -> Json:
    handler = _HANDLERS.get(kind) if type(kind) is str else None
    if handler is None:
        raise BadRequest(f"There is no such kind of request; there are {', '.join(_HANDLERS)}.")
    shell = current_shell()
    if shell is None:
        message = _("This Python has no IPython shell, so no variables to show.")
        return failure("no namespace", message)
    return handler(Namespace(shell.user_ns, shell.user_ns_hidden), dict(options))


def _snapshot(namespace: Namespace, options: dict[str, Any]) -> Json:
    limit = _whole_number("limit", options.pop("limit", LIMIT), 0, MOST_LISTED)
    _nothing_else(options)
    return snapshot(namespace, limit)


def _detail(namespace: Namespace, options: dict[str, Any]) -> Json:
    name = options.pop("name", None)
    if type(name) is not str:
        raise BadRequest("A detail needs the name of a tensor.")
    cells = _whole_number("max_cells", options.pop("max_cells", CELLS), 1, MOST_CELLS)
    index = options.pop("index", [])
    if type(index) not in (list, tuple):
        raise BadRequest("The index must be a list of whole numbers.")
    index = [_whole_number("index", i, 0, sys.maxsize) for i in index]
    _nothing_else(options)
    found = detail(namespace, name, cells, index)
    return found or failure("gone", _("{name} is no longer a tensor of this notebook.", name=name))


def _lines(namespace: Namespace, options: dict[str, Any]) -> Json:
    # Imported when first asked for: a kernel whose lines nobody watches does without.
    from ..lines.answer import lines

    since = _whole_number("since", options.pop("since", 0), 0, sys.maxsize)
    watch = options.pop("watch", None)
    if type(watch) is not bool and watch is not None:
        raise BadRequest("The option watch must be True or False.")
    _nothing_else(options)
    return lines(since, watch)


def _cautions(namespace: Namespace, options: dict[str, Any]) -> Json:
    # Loaded when first asked for, as the lines are.
    from ..cautions.answer import cautions
    from ..cautions.kinds import KINDS

    since = _whole_number("since", options.pop("since", 0), 0, sys.maxsize)
    watch, off = options.pop("watch", None), options.pop("off", None)
    if type(watch) is not bool and watch is not None:
        raise BadRequest("The option watch must be True or False.")
    if off is not None and (type(off) is not list or any(name not in KINDS for name in off)):
        raise BadRequest(f"The option off must be a list of {', '.join(KINDS)}.")
    _nothing_else(options)
    return cautions(namespace.variables, since, watch, None if off is None else frozenset(off))


def _explain(namespace: Namespace, options: dict[str, Any]) -> Json:
    raised = options.pop("raised", None)
    if type(raised) is not str and raised is not None:
        raise BadRequest("The option raised must be text.")
    _nothing_else(options)
    if raised is not None:
        found = caught(raised)
        if found is not None:
            return {"kind": "explanation", **found.json()}
        return failure("no explanation", _("There is no explanation for this error."))
    # Loaded at the first failure: most sessions begin with a snapshot, some never fail.
    from ..explain import explain, last_error

    error = last_error()
    if error is None:
        return failure("nothing failed", _("No cell has failed yet."))
    explanation = explain(error)
    if explanation is None:
        message = _("There is no explanation for this {error}.", error=class_name(error))
        return failure("no explanation", message)
    return {"kind": "explanation", **explanation.json()}


def _explore(namespace: Namespace, options: dict[str, Any]) -> Json:
    # Loaded when the first explorer is opened: it brings drawings along.
    from ..explorers.answer import Wish, explore

    wish: dict[str, Any] = {"explorer": options.pop("explorer", None)}
    names = options.pop("names", None)
    if (
        type(names) not in (list, tuple)
        or not names
        or any(type(name) is not str for name in names)
    ):
        raise BadRequest("An explorer needs the names of its tensors.")
    wish["names"] = tuple(names)
    wish["equation"] = options.pop("equation", "")
    if type(wish["explorer"]) is not str or type(wish["equation"]) is not str:
        raise BadRequest("The options explorer and equation must be text.")
    for option, least in (("stride", 1), ("padding", 0), ("dilation", 1)):
        wish[option] = _whole_number(option, options.pop(option, least), least, sys.maxsize)
    _nothing_else(options)
    return explore(namespace, Wish(**wish))


def _flow(namespace: Namespace, options: dict[str, Any]) -> Json:
    # Loaded when the first cell is to be traced.
    from ..flow.answer import flow

    since = _whole_number("since", options.pop("since", 0), 0, sys.maxsize)
    trace = options.pop("trace", None)
    if type(trace) is not str and trace is not None:
        raise BadRequest("The option trace must be the id of a cell.")
    _nothing_else(options)
    return flow(since, trace)


def _live(namespace: Namespace, options: dict[str, Any]) -> Json:
    from ..live.answer import live

    run = _whole_number("run", options.pop("run", 0), 0, sys.maxsize)
    since = _whole_number("since", options.pop("since", 0), 0, sys.maxsize)
    gradients = options.pop("gradients", False)
    if type(gradients) is not bool:
        raise BadRequest("The option gradients must be True or False.")
    _nothing_else(options)
    return live(run, since, gradients)


def _whole_number(option: str, value: object, least: int, most: int) -> int:
    if type(value) is not int or value < least:
        raise BadRequest(f"The option {option} must be a whole number of at least {least}.")
    return min(value, most)


def _nothing_else(options: Mapping[str, Any]) -> None:
    if options:
        raise BadRequest(f"There is no such option: {', '.join(options)}.")


_HANDLERS: dict[str, Callable[[Namespace, dict[str, Any]], Json]] = {
    "snapshot": _snapshot,
    "detail": _detail,
    "lines": _lines,
    "explain": _explain,
    "cautions": _cautions,
    "explore": _explore,
    "flow": _flow,
    "live": _live,
}
