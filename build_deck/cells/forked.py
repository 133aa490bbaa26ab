"""A job in a child that the preloaded server forks: pipes for what it prints, a socket for what is private."""

import contextlib
import json
import os
import selectors
import socket
from typing import Any, Dict, Iterator

from .protocol import ASK, BOUNDS, KILL, RUN, Event, Job
from .session import CHUNK, Session

STREAMS = ("stdout", "stderr")
ORDER = ("channel", *STREAMS, "control")
"""A cell begins before it prints, its end marker drains what it printed, the job's end comes last."""


class ForkedSession(Session):
    """One job on a running server, reached over `control`."""

    NEWBORN = True

    def __init__(self, control: socket.socket, job: Job, nonce: str) -> None:
        super().__init__(job, nonce)
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._pending = b""
        self._sound = True
        self._channel = self._start()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        writers = []
        for stream in STREAMS:
            reader, writer = os.pipe()
            os.set_blocking(reader, False)
            writers.append(writer)
            self._selector.register(reader, selectors.EVENT_READ, stream)
        bounds = BOUNDS.pack(self._job.limits.memory, self._job.limits.processes)
        socket.send_fds(self._control, [RUN + bounds], [*writers, theirs.fileno()])
        theirs.close()
        for writer in writers:
            os.close(writer)
        self._selector.register(ours, selectors.EVENT_READ, "channel")
        self._selector.register(self._control, selectors.EVENT_READ, "control")
        with contextlib.suppress(OSError):  # a child that died at once is seen by its end
            ours.sendall(self._order())
        return ours

    def finish(self) -> bool:
        """Kill what still runs and free the pipes; False when the server is not fit for another job."""
        sound = self._sound
        if not self._ended:
            self._kill("cancelled")
            try:
                self._control.settimeout(10.0)
                while not self._listen():
                    pass
                sound = self._sound
                self._control.settimeout(None)
            except OSError:  # too late, or the engine was closed meanwhile
                sound = False
        for key in list(self._selector.get_map().values()):
            if key.data in STREAMS:
                os.close(key.fd)
        self._channel.close()
        self._selector.close()
        return sound

    def _pump(self, seconds: float) -> Iterator[Event]:
        ready = [key for key, _ in self._selector.select(seconds)]
        for key in sorted(ready, key=lambda key: ORDER.index(key.data)):
            if key.data == "control":
                yield from self._last_words()
            elif key.data == "channel":
                yield from self._hear()
            else:
                yield from self._read(key.fd, key.data, once=True)

    def _drain(self) -> Iterator[Event]:
        for key in list(self._selector.get_map().values()):
            if key.data in STREAMS:
                yield from self._read(key.fd, key.data)

    def _read(self, descriptor: int, stream: str, *, once: bool = False) -> Iterator[Event]:
        while True:
            try:
                data = os.read(descriptor, CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._selector.unregister(descriptor)
                os.close(descriptor)
                return
            yield from self._print(stream, data)
            if once:
                return

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
            yield from self._take(line)

    def _last_words(self) -> Iterator[Event]:
        if not self._listen():
            return
        self._channel.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while self._channel in [key.fileobj for key in self._selector.get_map().values()]:
                yield from self._hear()

    def _listen(self) -> bool:
        """Read one line from the server; whether it was the last one about this job."""
        line = b""
        while not line.endswith(b"\n"):
            part = self._control.recv(1)
            if not part:
                break
            line += part
        if not line.endswith(b"\n"):
            self._lose()
            return True
        told: Dict[str, Any] = json.loads(line)
        if "used" in told:
            use = told["used"]
            self._told((use[0], use[1]) if use else None)
            return False
        self._ended, self._signal, self._unfit = True, told["signal"], told["unfit"]
        self._verdict = self._verdict or told["excess"]
        return True

    def _lose(self) -> None:
        self._ended, self._sound = True, False
        self._verdict = self._verdict or "lost"

    def _ask(self) -> None:
        self._control.sendall(ASK)

    def _acknowledge(self) -> None:
        self._channel.sendall(b"\n")

    def _stop(self) -> None:
        self._control.sendall(KILL)
