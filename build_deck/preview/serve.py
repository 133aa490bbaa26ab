"""The preview on this machine alone, made anew and shown anew when a file is saved.

Loopback only, GET only, and only to a page that names this machine: another site's script cannot read a draft through
a name that it points here. Nothing is executed; the caller's `rebuild` parses and renders.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOOPBACK = "127.0.0.1"
PERIOD = 0.2
"""Seconds between two looks at the files."""
_LIVE = b'<script src="live.js"></script>\n</body>'
_LIVE_SCRIPT = Path(__file__).parent / "page" / "live.js"
_BEAT = 15.0

Snapshot = dict[str, tuple[int, int]]


@dataclass(slots=True)
class News:
    """The number of the last change and what it was; waiting threads wake when it rises."""

    number: int = 0
    message: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, message: str) -> None:
        """Publish a change."""
        with self._changed:
            self.number, self.message = self.number + 1, message
            self._changed.notify_all()

    def after(self, number: int, patience: float) -> tuple[int, str]:
        """The newest change, waiting up to `patience` seconds for one after `number`."""
        with self._changed:
            self._changed.wait_for(lambda: self.number > number, patience)
            return self.number, self.message


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, and `events`, which never ends."""

    def __init__(self, *arguments: object, news: News, **options: object) -> None:
        self._news = news
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer one request."""
        name = self.path.partition("?")[0]
        if self.headers.get("Host", "").rpartition(":")[0] not in {LOOPBACK, "localhost"}:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif name == "/events":
            self._stream()
        elif name == "/live.js":
            self._send(_LIVE_SCRIPT.read_bytes(), "text/javascript")
        elif name in {"/", "/index.html"}:
            page = Path(self.directory, "index.html").read_bytes()
            self._send(page.replace(b"</body>", _LIVE), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def do_HEAD(self) -> None:
        """Refused: nobody asks."""
        self.send_error(HTTPStatus.METHOD_NOT_ALLOWED)

    def end_headers(self) -> None:
        """Every answer is as new as its file; only MathJax may be kept."""
        kept = self.path.startswith("/mathjax.js")
        self.send_header("Cache-Control", "max-age=3600" if kept else "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names it)
        """Say nothing: the terminal is for problems."""

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        seen = self._news.number
        try:
            while True:
                number, message = self._news.after(seen, _BEAT)
                self.wfile.write(f"data: {message}\n\n".encode() if number > seen else b": still here\n\n")
                self.wfile.flush()
                seen = number
        except OSError:
            return  # the page was closed


def serve(
    folder: Path,
    port: int,
    watched: Iterable[Path],
    rebuild: Callable[[], tuple[str, ...]],
    ready: Callable[[str], None],
) -> None:
    """Serve `folder` until interrupted; when a watched file changes, `rebuild` and tell the open pages what changed.

    It begins with a `rebuild`: what was saved while the caller made the first page would else never be seen.
    `ready` gets the address once it answers; port 0 takes a free one. Raises OSError when the port is taken.
    """
    files, news = tuple(watched), News()
    seen = snapshot(files)
    server = ThreadingHTTPServer((LOOPBACK, port), partial(Handler, directory=str(folder), news=news))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ready(f"http://{LOOPBACK}:{server.server_port}/")
    try:
        news.tell(json.dumps(rebuild()))
        for _ in changes(files, seen):
            news.tell(json.dumps(rebuild()))
    finally:
        server.shutdown()
        server.server_close()


def changes(watched: tuple[Path, ...], last: Snapshot) -> Iterator[None]:
    """Yields each time a file below `watched` was written, made or removed since `last`, once it has come to rest."""
    while True:
        time.sleep(PERIOD)
        now = snapshot(watched)
        if now == last:
            continue
        # an editor may write in several steps: wait until two looks agree
        while (again := _later(watched)) != now:
            now = again
        last = now
        yield


def snapshot(watched: Iterable[Path]) -> Snapshot:
    """Time and size of every file below `watched`; editors' temporary files are not looked at."""
    found: Snapshot = {}
    for root in watched:
        for path in root.rglob("*"):
            if path.name.startswith(".") or path.name.endswith(("~", ".tmp", ".swp")):
                continue
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue  # gone since it was listed
            found[str(path)] = (stat.st_mtime_ns, stat.st_size)
    return found


def _later(watched: tuple[Path, ...]) -> Snapshot:
    time.sleep(0.03)
    return snapshot(watched)
