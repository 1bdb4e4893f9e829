"""How a run is watched: a mode for functions of torch, and hooks of modules and optimizers.

All of it is in place from `start` to `stop` only, and in the thread that started it only. A failure
of ours is noted and ends the trace; the learner's code goes on as if nobody watched.
"""

from __future__ import annotations

import logging
import math
import sys
import warnings
from functools import cache
from threading import get_ident
from typing import Any
from weakref import ref

from ..inspector.metadata import quiet
from ..inspector.plain import class_name
from ..translation import _
from . import modules
from .model import Node
from .operations import BACKWARD, GRADIENT, Operation, operation_of
from .positions import Filling
from .recording import CHECKED, Recording
from .shortcuts import Shortcuts

log = logging.getLogger(__name__)


class Watch:
    """Watches the operations of this thread and tells them to `recording`."""

    def __init__(self, torch: Any, recording: Recording) -> None:
        self.recording = recording
        self.torch = torch
        self._handles: list[Any] = []
        self._thread = get_ident()
        self._resting = False
        self._filter: Any = None
        self.known: dict[Any, Operation | None] = {}
        self._is_compiling = torch.compiler.is_dynamo_compiling
        self._crowd = torch._C._len_torch_function_stack
        # Without the wrappers of torch.overrides: this happens twice for every layer.
        self._pop = torch._C._pop_torch_function_stack
        self._push = torch._C._push_on_torch_function_stack
        self._plain = frozenset((torch.Tensor, torch.nn.Parameter))
        self.mode: Any = _mode_class(torch)(self)
        self._shortcuts = Shortcuts(self)

    def start(self) -> None:
        torch = self.torch
        module = torch.nn.modules.module
        # torch.optim hides its own parts.
        optimizer: Any = sys.modules["torch.optim.optimizer"]
        self._handles = [
            module.register_module_forward_pre_hook(self._before_module),
            module.register_module_forward_hook(self._after_module, always_call=True),
            optimizer.register_optimizer_step_pre_hook(self._before_step),
            optimizer.register_optimizer_step_post_hook(self._after_step),
        ]
        self._shortcuts.take()
        if self._crowd():
            # Another mode would hear of our questions to a tensor, and `record` asks quietly.
            self.recording.trusted = math.inf
        torch.overrides._push_mode(self.mode)
        # Our hooks are no concern of a learner who compiles a module.
        warnings.filterwarnings("ignore", message=r"Using `torch.compile\(module\)` when there are")
        self._filter = warnings.filters[0]

    def stop(self) -> None:
        """Take everything away again, wherever it was left."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._shortcuts.leave()
        # A list, though its type only says sequence.
        filters: Any = warnings.filters
        if self._filter in filters:
            filters.remove(self._filter)
        overrides = self.torch.overrides
        above = []
        if self.mode in overrides._get_current_function_mode_stack():
            while (mode := overrides._pop_mode()) is not self.mode:
                above.append(mode)
        for mode in reversed(above):
            overrides._push_mode(mode)

    def learn(self, function: Any) -> Operation | None:
        """The operation that `function` is, looked up once."""
        operation = operation_of(function)
        if len(self.known) < 10_000:
            self.known[function] = operation
        return operation

    def note(self, problem: BaseException) -> None:
        """Our own failure: one line for the page, the rest for the log; no more is recorded."""
        self.recording.problem = _(
            "The trace stopped early, at a {error} of ours.", error=class_name(problem)
        )
        self.recording.pause()
        log.debug("flow", exc_info=problem)

    # torch.compile reads these hooks as part of the learner's code: the first line is all it sees.

    def _before_module(self, module: Any, args: Any) -> None:
        if self._is_compiling():
            return
        if self.recording.paused or get_ident() != self._thread:
            return
        try:
            if self._resting:
                self._wake()
            scope = modules.enter(self.recording, module, sys._getframe(1))
            if scope is not None and scope.leaf is not None and scope.calls % CHECKED:
                self._rest(scope.leaf, module, args)
        except Filling:
            pass
        except Exception as problem:
            self.note(problem)

    def _after_module(self, module: Any, args: Any, result: Any) -> None:
        if self._is_compiling():
            return
        if self.recording.paused or get_ident() != self._thread:
            return
        try:
            scope = self.recording.scope
            if self._resting:
                self._wake()
                if scope.leaf is not None and type(result) in self._plain:
                    self.recording.skip(scope.leaf, result)
                elif scope.leaf is not None and result is None:
                    self._fail(scope.leaf, args)
            if scope.calls and scope.alone is None and scope.identity == id(module):
                # Most calls: nothing to be read.
                scope.calls += 1
                self.recording.scope = scope.parent or scope
                return
            with quiet(self.torch):
                modules.leave(self.recording, module, args, result)
        except Exception as problem:
            self.note(problem)

    def _rest(self, leaf: Node, module: Any, args: Any) -> None:
        """Do not even look at the one operation of a layer that has settled, for inputs as ever."""
        if (
            len(args) != 1
            or type(args[0]) not in self._plain
            or self._crowd() != 1
            or module._forward_pre_hooks
            or module._forward_hooks
        ):
            return
        self._pop()
        self._resting = args[0].shape == leaf.taken
        if not self._resting:
            self._wake()

    def _fail(self, leaf: Node, args: Any) -> None:
        """The operation that was not looked at has raised; torch calls our hook while it does."""
        error = sys.exc_info()[1]
        if isinstance(error, Exception):
            with quiet(self.torch):
                self.recording.fail_unseen(leaf, args, _text(error))

    def rest(self) -> bool:
        """Look at nothing from now on, if it is this thread that is watched and by us alone."""
        if self.recording.paused or self._resting or get_ident() != self._thread:
            return False
        if self.torch.overrides._get_current_function_mode() is not self.mode:
            return False
        self._resting = True
        self._pop()
        return True

    def wake(self) -> None:
        """Look again, after `rest` has returned True."""
        if self._resting:
            self._wake()

    def _before_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """The operations of an optimizer are one node. They are not even looked at."""
        # A closure is the learner's own code, called from inside.
        if not (len(args) > 1 or kwargs):
            self.rest()

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if self.recording.paused or get_ident() != self._thread:
            return
        try:
            self.recording.step(f"{class_name(optimizer)}.step", sys._getframe(1))
        except Filling:
            pass
        except Exception as problem:
            self.note(problem)
        self.wake()

    def _wake(self) -> None:
        self._resting = False
        self._push(self.mode)


@cache
def _mode_class(torch: Any) -> Any:
    """The mode: torch is not there before somebody has imported it."""
    is_compiling = torch.compiler.is_dynamo_compiling
    get_frame, make_ref = sys._getframe, ref
    tensor = torch.Tensor
    # How many other modes there are, which would hear of our questions to a tensor.
    crowd = torch._C._len_torch_function_stack
    # These classes keep quiet themselves.
    are_plain = frozenset((torch.Tensor, torch.nn.Parameter)).issuperset

    class FlowMode(torch.overrides.TorchFunctionMode):
        def __init__(self, watch: Watch) -> None:
            super().__init__()
            self.watch = watch
            self.known = watch.known
            self.recording = watch.recording

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if is_compiling():
                # torch.compile reads this as part of the learner's code: the line is all it sees.
                return func(*args, **(kwargs or {}))
            recording = self.recording
            node: Any = recording.previous.next
            settled = node.count < node.until and node.function == func
            if settled:
                operation, hides = node.operation, node.size is None
            else:
                try:
                    operation = self.known[func]
                except KeyError:
                    operation = self.watch.learn(func)
                except TypeError:
                    operation = None
                if operation is None or recording.paused:
                    return func(*args, **kwargs) if kwargs else func(*args)
                if operation.effect is GRADIENT:
                    result = func(*args)
                    recording.gradient(result)
                    return result
                hides = operation.effect is BACKWARD
            if hides:
                # What a backward pass calls is part of it.
                previous = recording.pause()
            try:
                result = func(*args, **kwargs) if kwargs else func(*args)
            except BaseException as error:
                if hides:
                    recording.resume(previous)
                _failed(self.watch, operation, args, kwargs, error)
                # The traceback keeps this frame: it must not keep the operands.
                args, kwargs = (), None
                raise
            if hides:
                recording.resume(previous)
            if settled:
                frame = get_frame(node.depth)
                if (
                    node.instruction == frame.f_lasti
                    and node.code is frame.f_code
                    and node.scope is recording.scope
                    and (not types or are_plain(types))
                    and (hides or (type(result) is tensor and node.size == result.shape))
                ):
                    # A loop that has settled: what was expected is counted, and that is all.
                    node.count += 1
                    if hides:
                        recording.backward = node.index
                    else:
                        recording.producers[id(result)] = (make_ref(result), node.index)
                    recording.previous = node
                    return result
            _record(self.watch, operation, types, args, kwargs, result, get_frame(1))
            return result

    def _record(
        watch: Watch,
        operation: Operation,
        types: Any,
        args: Any,
        kwargs: Any,
        result: Any,
        frame: Any,
    ) -> None:
        try:
            if crowd() or not are_plain(types):
                with quiet(torch):
                    watch.recording.record(operation, args, kwargs, result, frame)
            else:
                watch.recording.record(operation, args, kwargs, result, frame)
        except Filling:
            pass
        except Exception as problem:
            watch.note(problem)

    return FlowMode


def _failed(
    watch: Watch, operation: Operation, args: Any, kwargs: Any, error: BaseException
) -> None:
    if not isinstance(error, Exception):
        # The stop button is no failure.
        return
    try:
        with quiet(watch.torch):
            watch.recording.fail(operation, args, kwargs, _text(error), sys._getframe(2))
    except Filling:
        pass
    except Exception as problem:
        watch.note(problem)


def _text(error: Exception) -> str:
    """The class and the message, of errors whose message is none of the learner's code."""
    text = str(error) if type(error).__module__ in ("builtins", "torch") else ""
    return f"{class_name(error)}: {text}"
