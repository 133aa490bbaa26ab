"""Anki's own sync server, on this machine and as slow as one far away: Python 3.9, as in the oldest Anki."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

HERE = "127.0.0.1"
USER, PASSWORD = "learner", "secret"

IDLE = 0.5
"""Seconds without a word after which a connection is held up as a new one is."""


@contextlib.contextmanager
def sync_server(folder: Path, delay: float) -> Iterator[str]:
    """The address of a server with one user and nothing stored; every connection is held up for `delay` seconds."""
    folder.mkdir()
    with contextlib.closing(socket.create_server((HERE, 0))) as free:
        port = free.getsockname()[1]
    given = {"SYNC_USER1": f"{USER}:{PASSWORD}", "SYNC_HOST": HERE, "SYNC_PORT": str(port), "SYNC_BASE": str(folder)}
    process = subprocess.Popen([sys.executable, "-m", "anki.syncserver"], env={**os.environ, **given})
    front = socket.create_server((HERE, 0))
    threading.Thread(target=_listen, args=(front, port, delay), daemon=True).start()
    try:
        _await(port)
        yield f"http://{HERE}:{front.getsockname()[1]}/"
    finally:
        front.close()
        process.kill()
        process.wait()


def _await(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection((HERE, port)):
            return
        time.sleep(0.1)
    raise TimeoutError("the sync server does not answer")


def _listen(front: socket.socket, port: int, delay: float) -> None:
    while True:
        try:
            client, _ = front.accept()
        except OSError:  # closed
            return
        threading.Thread(target=_forward, args=(client, port, delay), daemon=True).start()


def _forward(client: socket.socket, port: int, delay: float) -> None:
    time.sleep(delay)
    with client, socket.create_connection((HERE, port)) as server:
        back = threading.Thread(target=_copy, args=(server, client), daemon=True)
        back.start()
        _copy(client, server, delay)
        back.join()


def _copy(source: socket.socket, target: socket.socket, delay: float = 0) -> None:
    last = time.monotonic()
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            if time.monotonic() > last + IDLE:  # a connection that was kept from an earlier request
                time.sleep(delay)
            target.sendall(data)
            last = time.monotonic()
        target.shutdown(socket.SHUT_WR)
