"""One job on a running server: its pipes, its events, its limits. Reads everything, believes only the nonce."""

import codecs
import contextlib
import json
import os
import selectors
import socket
import time
from dataclasses import asdict, replace
from typing import Any, Dict, Iterator, List

from . import text
from .protocol import Drawing, Event, Job, Outcome, outcome_from

START_LIMIT = 60.0
"""Seconds for a forked child to say that it begins."""
CHUNK = 1 << 16
CUT = "\n… 输出在这里截断（超过上限）\n"


class Session:
    """Runs `job` once."""

    def __init__(self, control: socket.socket, job: Job, nonce: str) -> None:
        self._control = control
        self._job = job
        self._nonce = nonce
        self._selector = selectors.DefaultSelector()
        self._pending = b""
        self._decoders: Dict[str, codecs.IncrementalDecoder] = {}
        self._waiting = [snippet.id for snippet in job.snippets]
        self._printed = {"stdout": "", "stderr": ""}
        self._drawings: List[Drawing] = []
        self._current = ""
        self._verdict = ""
        """Why we killed the job; empty as long as we did not."""
        self._deadline = time.monotonic() + START_LIMIT
        self._ended = False
        self._order()

    def _order(self) -> None:
        ours, theirs = socket.socketpair()
        descriptors = []
        for stream in ("stdout", "stderr"):
            reader, writer = os.pipe()
            os.set_blocking(reader, False)
            descriptors.append(writer)
            self._decoders[stream] = codecs.getincrementaldecoder("utf-8")("replace")
            self._selector.register(reader, selectors.EVENT_READ, stream)
        socket.send_fds(self._control, [b"R"], [*descriptors, theirs.fileno()])
        theirs.close()
        for descriptor in descriptors:
            os.close(descriptor)
        self._channel = ours
        self._selector.register(ours, selectors.EVENT_READ, "channel")
        self._selector.register(self._control, selectors.EVENT_READ, "control")
        order = json.dumps({"nonce": self._nonce, "job": asdict(self._job)})
        with contextlib.suppress(OSError):  # a child that died at once is seen by its end
            ours.sendall(order.encode() + b"\n")

    def events(self) -> Iterator[Event]:
        """Everything that happens, until every cell has its outcome."""
        while not self._ended:
            ready = [key for key, _ in self._selector.select(max(0.0, self._deadline - time.monotonic()))]
            if not ready and time.monotonic() >= self._deadline:
                self._kill("timeout")
            # a cell begins before it prints, its end marker drains what it printed, the job's end is last
            for key in sorted(ready, key=lambda key: ("channel", "stdout", "stderr", "control").index(key.data)):
                yield from self._read(key)
        yield from self._leftovers()

    def finish(self) -> bool:
        """Kill what still runs and free the pipes; False when the server is not fit for another job."""
        sound = True
        if not self._ended:
            self._kill("cancelled")
            try:
                self._control.settimeout(10.0)
                sound = self._server_done()
                self._control.settimeout(None)
            except OSError:  # too late, or the engine was closed meanwhile
                sound = False
        for key in list(self._selector.get_map().values()):
            if key.data in ("stdout", "stderr"):
                os.close(key.fd)
        self._channel.close()
        self._selector.close()
        return sound

    def _read(self, key: selectors.SelectorKey) -> Iterator[Event]:
        if key.data == "control":
            self._server_done()
        elif key.data == "channel":
            yield from self._hear()
        else:
            yield from self._drain(key.fd, key.data, once=True)

    def _drain(self, descriptor: int, stream: str, *, once: bool = False) -> Iterator[Event]:
        while True:
            try:
                data = os.read(descriptor, CHUNK)
            except BlockingIOError:
                return
            if not data:
                if descriptor in [key.fd for key in self._selector.get_map().values()]:
                    self._selector.unregister(descriptor)
                    os.close(descriptor)
                return
            yield from self._print(stream, self._decoders[stream].decode(data))
            if once:
                return

    def _print(self, stream: str, said: str) -> Iterator[Event]:
        if self._verdict or not said:
            return
        room = self._job.limits.output - sum(map(len, self._printed.values()))
        if len(said) > room:
            said = said[:room] + CUT
            self._kill("output")
        self._printed[stream] += said
        yield Event("output", self._current, stream=stream, text=text.ESCAPES.sub("", said))

    def _drain_both(self) -> Iterator[Event]:
        for key in list(self._selector.get_map().values()):
            if key.data in ("stdout", "stderr"):
                yield from self._drain(key.fd, key.data)

    def _hear(self) -> Iterator[Event]:
        try:
            data = self._channel.recv(1 << 20)
        except ConnectionError:
            data = b""
        if not data:
            self._selector.unregister(self._channel)
            return
        *lines, self._pending = (self._pending + data).split(b"\n")
        if len(self._pending) > 16 * self._job.limits.figure:
            self._kill("output")
        for line in lines:
            message = _genuine(line, self._nonce)
            if message and not self._verdict:
                yield from self._take(message)

    def _take(self, message: Dict[str, Any]) -> Iterator[Event]:
        kind, cell = message["kind"], message["cell"]
        if kind == "start" and self._waiting and cell == self._waiting[0]:
            self._current = cell
            timeout = next(snippet.timeout for snippet in self._job.snippets if snippet.id == cell)
            self._deadline = time.monotonic() + timeout
            yield Event("start", cell)
        elif kind == "figure" and cell == self._current:
            drawing = Drawing(**message["drawing"])
            self._drawings.append(drawing)
            yield Event("figure", cell, drawing=drawing)
        elif kind == "end" and cell == self._current:
            yield from self._drain_both()
            if not self._verdict:
                yield self._end(outcome_from(dict(message["outcome"])))
                with contextlib.suppress(OSError):
                    self._channel.sendall(b"\n")

    def _end(self, outcome: Outcome) -> Event:
        if self._waiting and self._waiting[0] == outcome.cell:
            self._waiting.pop(0)
        full = replace(
            outcome,
            stdout=text.clean(self._printed["stdout"]),
            stderr=text.clean(self._printed["stderr"]),
            drawings=tuple(self._drawings),
        )
        self._printed = {"stdout": "", "stderr": ""}
        self._drawings = []
        self._current = ""
        self._deadline = time.monotonic() + START_LIMIT
        return Event("end", full.cell, outcome=full)

    def _kill(self, verdict: str) -> None:
        if not self._verdict:
            self._verdict = verdict
            self._deadline = time.monotonic() + START_LIMIT
            with contextlib.suppress(OSError):
                self._control.sendall(b"K")

    def _server_done(self) -> bool:
        line = b""
        while not line.endswith(b"\n"):
            part = self._control.recv(1)
            if not part:
                break
            line += part
        self._ended = True
        self._signal = json.loads(line).get("signal", 0) if line else 9
        return bool(line)

    def _leftovers(self) -> Iterator[Event]:
        yield from self._drain_both()
        if self._channel in [key.fileobj for key in self._selector.get_map().values()]:
            self._channel.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while self._channel in [key.fileobj for key in self._selector.get_map().values()]:
                    yield from self._hear()
        for at, cell in enumerate(list(self._waiting)):
            yield self._end(Outcome(cell=cell, status="skipped") if at else self._broken(cell))

    def _broken(self, cell: str) -> Outcome:
        """The cell that was running when the process ended without its end marker."""
        if not self._current and self._waiting != [snippet.id for snippet in self._job.snippets]:
            return Outcome(cell=cell, status="skipped")
        if self._verdict:
            return Outcome(cell=cell, status=self._verdict, error=_reason(self._verdict))
        if self._signal == 9:
            return Outcome(cell=cell, status="memory", error="the process was killed, most likely for its memory")
        how = "by signal %d" % self._signal if self._signal else "before its last line ran"
        return Outcome(cell=cell, status="failed", error="the process ended %s" % how, exception="SystemExit")


def _genuine(line: bytes, nonce: str) -> Dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) and message.get("nonce") == nonce else {}


def _reason(verdict: str) -> str:
    return {
        "timeout": "the time limit passed; the cell and everything it started were killed",
        "output": "the cell printed more than the limit; it was killed",
    }.get(verdict, verdict)
