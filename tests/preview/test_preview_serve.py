"""The server: on this machine only, and what is saved arrives."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_deck.preview import serve
from tests.preview.conftest import Checkout
from tests.preview_server import serving

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def port(checkout: Checkout, project: Path) -> Iterator[int]:
    with serving(checkout.root, project) as found:
        yield found


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
    waited = []
    for number in range(1, 6):
        old, new = (f"拆头之后是{'四' * (number + more)}维" for more in (0, 1))
        checkout.replace(old, new)
        began = time.monotonic()
        while (told := events.readline()) != b'data: ["shape"]\n':
            assert told in {b"\n", b"data: []\n"}  # the first page, made once more
        assert new in ask(port, f"/cards/shape.js?{number}")[1].decode()
        waited.append(time.monotonic() - began)
    # half a second where nothing else runs; with a look every two seconds it fails on any machine
    assert statistics.median(waited) < 2
    line.close()


class _SeenAllError(Exception):
    """Ends a server."""


@pytest.mark.timeout(30)
def test_what_is_saved_while_the_first_page_is_made_is_not_lost(tmp_path: Path) -> None:
    answers = tmp_path / "source"
    answers.mkdir()
    answer = answers / "answer.md"
    answer.write_text("saved while the caller built")
    seen = []

    def ready(_: str) -> None:
        answer.write_text("saved when the address was told")

    def rebuild() -> tuple[str, ...]:
        seen.append(answer.read_text())
        if len(seen) == 1:
            answer.write_text("saved while serving began")
        if seen[-1] == "saved while serving began":
            raise _SeenAllError
        return ()

    with pytest.raises(_SeenAllError):
        serve(tmp_path, 0, (answers,), rebuild, ready)
    assert seen == ["saved when the address was told", "saved while serving began"]


def test_only_pages_of_this_machine_may_ask(port: int) -> None:
    assert ask(port, "/data/index.js", Host="evil.example")[0] == 403
    assert ask(port, "/data/index.js", Host=f"localhost:{port}")[0] == 200
    assert ask(port, "/../../source/deck.yaml")[0] == 404
    assert ask(port, "/%2e%2e/%2e%2e/source/deck.yaml")[0] == 404
