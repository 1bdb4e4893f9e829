"""The outputs of one cell, kept as a front end keeps them, and cut to what a cell may put out."""

import json
import re
import threading
from collections.abc import Callable
from typing import Any

from jupyter_client.jsonutil import json_clean, json_default

Output = dict[str, Any]

CUT = "\n[The output was cut here: a cell may put out {kib} KiB.]\n"
ROOM_FOR_CUT = 256
OVERHEAD = 64
"""What a stream costs besides its text, in bytes, so that a million empty ones are not free."""
LONGEST_PREVIEW = 2000
JSON_MIME = re.compile(r"application/(.*\+)?json")


class Outputs:
    """Collects what one cell after the other puts out, in bounded memory.

    Streams are joined until something else is displayed, standard output first: that is what
    a front end shows, whatever the order in which two buffered streams were flushed.
    """

    def __init__(self, output_kib: int) -> None:
        self._limit = max(1, output_kib) * 1024
        self._kib = output_kib
        self._lock = threading.RLock()
        self._start()

    def _start(self) -> None:
        self._kept: list[Output] = []
        self._display_ids: dict[str, list[Output]] = {}
        self._texts: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._clear_later = False
        self._over = False
        self._size = 0

    def write(self, name: str, data: bytes) -> None:
        """Add bytes to the stream `name`; what is far beyond the limit is not even kept."""
        with self._lock:
            self._clear_if_due()
            room = max(0, self._limit + 1 - self._size)
            self._over |= len(data) > room
            self._texts[name] += data[:room]
            self._size += min(len(data), room)

    def receive(self, kind: str, content: dict[str, Any]) -> None:
        """Take a message that a kernel would send to its front ends.

        Raises:
            TypeError: the content holds something that JSON cannot express, as in a kernel.
        """
        with self._lock:
            if kind == "clear_output":
                self._clear_later = bool(content.get("wait"))
                if not self._clear_later:
                    self._start()
            elif kind == "update_display_data":
                self._update(content)
            else:
                self._add(kind, content)

    def take(self) -> tuple[list[Output], bool]:
        """The cell's outputs, and whether something was cut; what follows is the next cell's."""
        with self._lock:
            self._end_streams()
            outputs, cut = fitted(self._kept, self._kib, self._over)
            self._start()
        return outputs, cut

    def _add(self, kind: str, content: dict[str, Any]) -> None:
        self._clear_if_due()
        self._end_streams()
        if self._size > self._limit and kind != "error":
            self._over = True
            return
        output = _output(kind, content)
        size = _size(output)
        if size > self._limit:
            self._over = True
            small = _reduced(output, self._limit)
            if small is None:
                return
            output, size = small, _size(small)
        if self._size > 2 * self._limit:
            self._over = True
            return
        self._update(content)
        self._kept.append(output)
        self._size += size
        display_id = (content.get("transient") or {}).get("display_id")
        if display_id:
            self._display_ids.setdefault(str(display_id), []).append(output)

    def _update(self, content: dict[str, Any]) -> None:
        """Show this content wherever its display id was shown in this cell."""
        display_id = (content.get("transient") or {}).get("display_id")
        same = self._display_ids.get(str(display_id), [])
        if not same:
            return
        new = _output("display_data", content)
        if _size(new) > self._limit:
            self._over = True
            return
        for output in same:
            self._size += _size(new) - _size(output)
            output.update(data=new["data"], metadata=new["metadata"])

    def _clear_if_due(self) -> None:
        if self._clear_later:
            self._start()

    def _end_streams(self) -> None:
        for name, data in self._texts.items():
            if data:
                text = _settled(data.decode("utf-8", "replace"))
                self._kept.append({"output_type": "stream", "name": name, "text": text})
                data.clear()


def limited(outputs: Any, output_kib: int) -> list[Output]:
    """Only what is a well-formed nbformat 4 output, within `output_kib` KiB in all.

    For the trusted side: takes whatever a hostile process claims to be outputs, drops what is
    none, cuts what is too much, and never raises.
    """
    if not isinstance(outputs, list | tuple):
        return []
    whole = (_well_formed(output) for output in outputs)
    return fitted([output for output in whole if output is not None], output_kib)[0]


def fitted(outputs: list[Output], output_kib: int, over: bool = False) -> tuple[list[Output], bool]:
    """Cut well-formed outputs to the limit; a note says where. Errors are kept first.

    Args:
        over: something was left out already, so that a note is due in any case.
    """
    limit = max(1, output_kib) * 1024
    if not over and sum(map(_size, outputs)) <= limit:
        return outputs, False
    room = limit - ROOM_FOR_CUT
    kept: dict[int, Output] = {}
    for index, output in reversed(list(enumerate(outputs))):
        if output["output_type"] == "error":
            short = _short_error(output, limit // 4)
            if _size(short) <= room - limit // 4:
                kept[index] = short
                room -= _size(short)
    first_cut = len(outputs)
    for index, output in enumerate(outputs):
        if output["output_type"] == "error":
            continue
        fits = _size(output) <= room
        small = output if fits else _reduced(output, room)
        if not fits:
            first_cut = min(first_cut, index)
        if small is not None:
            kept[index] = small
            room -= _size(small)
    if first_cut == len(outputs):  # what came after the last stream was left out before
        streams = [index for index in kept if outputs[index]["output_type"] == "stream"]
        first_cut = max(streams, default=first_cut)
    note = {"output_type": "stream", "name": "stdout", "text": CUT.format(kib=output_kib)}
    before = [kept[index] for index in sorted(kept) if index <= first_cut]
    after = [kept[index] for index in sorted(kept) if index > first_cut]
    return [*_with_note(before, note), *after], True


def _with_note(outputs: list[Output], note: Output) -> list[Output]:
    last = outputs[-1] if outputs else {}
    # On standard output in any case: nbgrader takes any word on standard error for a failed test.
    if last.get("output_type") == "stream" and last["name"] == "stdout":
        return [*outputs[:-1], {**last, "text": last["text"] + note["text"]}]
    return [*outputs, note]


def _size(output: Output) -> int:
    if output["output_type"] == "stream":
        return OVERHEAD + len(output["text"].encode())
    return len(json.dumps(output, ensure_ascii=False).encode())


def _reduced(output: Output, room: int) -> Output | None:
    """A smaller form of an output that does not fit; None if none does."""
    if output["output_type"] == "stream":
        text = output["text"].encode()[: max(0, room - OVERHEAD)].decode("utf-8", "ignore")
        return {**output, "text": text} if text else None
    if output["output_type"] == "error":
        return _short_error(output, room)
    # The largest go first: a plot's page with its whole library in it, not the plot's data.
    forms = dict(sorted(output["data"].items(), key=lambda form: len(json.dumps(form))))
    while len(forms) > 1:
        forms.popitem()
        small = {**output, "data": dict(forms)}
        if _size(small) <= room:
            return small
    text = output["data"].get("text/plain", "")
    preview = {**output, "data": {"text/plain": text[:LONGEST_PREVIEW]}, "metadata": {}}
    return preview if text and _size(preview) <= room else None


def _short_error(output: Output, room: int) -> Output:
    """An error in `room` bytes: its name, the start of its message, first and last frames."""
    if _size(output) <= room:
        return output
    # A character takes at most six bytes in JSON; eight strings share the room.
    length = max(8, (room - 128) // (6 * 8))

    def short(text: str) -> str:
        return text if len(text) <= length else text[: length // 2] + "…" + text[-length // 2 :]

    lines = output["traceback"]
    lines = lines if len(lines) <= 6 else [*lines[:2], "…", *lines[-3:]]
    return {
        "output_type": "error",
        "ename": short(output["ename"]),
        "evalue": short(output["evalue"]),
        "traceback": [short(line) for line in lines],
    }


def _settled(text: str) -> str:
    """Text after its carriage returns, as a terminal and nbclient's `coalesce_streams` show it."""
    if "\r" not in text:
        return text
    return "\n".join(line[line.rfind("\r", 0, -1) + 1 :] for line in text.split("\n"))


def _output(kind: str, content: dict[str, Any]) -> Output:
    """An nbformat output of a message's content."""
    if kind == "error":
        names = ("ename", "evalue", "traceback")
        return _plain({"output_type": kind, **{name: content[name] for name in names}})
    data = {"data": content.get("data") or {}, "metadata": content.get("metadata") or {}}
    if kind == "execute_result":
        data["execution_count"] = content["execution_count"]
    return _plain({"output_type": kind, **data})


def _plain(value: Any, default: Callable[[Any], Any] = json_default) -> Any:
    """A copy as JSON reads it: plain types, no half characters."""
    try:
        text = json.dumps(value, default=default, ensure_ascii=False, allow_nan=False)
    except ValueError:  # not a number: a kernel sends its name
        text = json.dumps(json_clean(value), default=default, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"))


def _well_formed(claimed: Any) -> Output | None:
    try:
        return _checked(_plain(claimed, default=str))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _checked(claimed: Any) -> Output | None:
    kind = claimed["output_type"]
    if kind == "stream":
        text = _text(claimed["text"])
        named = claimed["name"] in ("stdout", "stderr")
        return {"output_type": kind, "name": claimed["name"], "text": text} if named else None
    if kind == "error":
        names = {name: _text(claimed[name]) for name in ("ename", "evalue")}
        return {"output_type": kind, **names, "traceback": [_text(t) for t in claimed["traceback"]]}
    if kind not in ("display_data", "execute_result"):
        return None
    data = {
        mime: value if JSON_MIME.fullmatch(mime) else _text(value)
        for mime, value in claimed["data"].items()
    }
    metadata = claimed.get("metadata")
    output = {"output_type": kind, "data": data, "metadata": metadata}
    if not isinstance(metadata, dict):
        output["metadata"] = {}
    if kind == "execute_result":
        count = claimed.get("execution_count")
        output["execution_count"] = count if type(count) is int and count >= 0 else None
    return output


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    raise TypeError("text should be a string or a list of strings")
