"""The server: on this machine only, and what is saved arrives."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.preview.conftest import Checkout

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def port(checkout: Checkout, project: object) -> Iterator[int]:
    """The port of `preview --serve`, running as a user runs it."""
    options = ["preview", "--serve", "--port", "0", "--root", checkout.root]
    command = [sys.executable, "-u", "-m", "build_deck", *options]
    with subprocess.Popen(
        command, cwd=str(project), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        assert run.stdout is not None
        address = next(found for line in run.stdout if (found := re.search(r"http://127\.0\.0\.1:(\d+)/", line)))
        yield int(address[1])
        run.send_signal(signal.SIGINT)
        assert run.wait(20) == 0


def ask(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    return answer.status, answer.read()


def test_what_is_saved_arrives_in_an_open_page(checkout: Checkout, port: int) -> None:
    status, page = ask(port, "/")
    assert status == 200
    assert b'src="live.js"' in page
    assert b"live.js" not in (checkout.preview / "index.html").read_bytes()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/events")
    events = line.getresponse()
    assert events.getheader("Content-Type") == "text/event-stream"
    checkout.replace("拆头之后是四维。", "拆头之后是四维张量。")
    began = time.monotonic()
    assert json.loads(events.readline().removeprefix(b"data: ")) == ["shape"]
    assert "四维张量" in ask(port, "/cards/shape.js?1")[1].decode()
    assert time.monotonic() - began < 10  # under a second on a machine that is not busy
    line.close()


def test_only_pages_of_this_machine_may_ask(port: int) -> None:
    assert ask(port, "/data/index.js", Host="evil.example")[0] == 403
    assert ask(port, "/data/index.js", Host=f"localhost:{port}")[0] == 200
    assert ask(port, "/../../source/deck.yaml")[0] == 404
    assert ask(port, "/%2e%2e/%2e%2e/source/deck.yaml")[0] == 404
