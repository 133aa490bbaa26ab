"""Bash cells: those that end, and servers that live as long as their job; files that a job brings along."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Interpreter, Snippet
from build_deck.cells.runner import Engine

PORT = 20000 + os.getpid() % 20000
"""One that another run of these tests does not use; in the sandbox every job has all ports for itself."""
URL = f"http://127.0.0.1:{PORT}/"
SERVER = f"echo hello > index.html\nexec python -m http.server {PORT} --bind 127.0.0.1"
ASK = f"import urllib.request\nprint(urllib.request.urlopen('{URL}').read().decode())"

pytestmark = pytest.mark.cells


@pytest.fixture(params=["boxed", "plain", "spawned"])
def cells(request: pytest.FixtureRequest, interpreter: Callable[[bool], Interpreter]) -> Iterator[Cells]:
    """Each way in which a job can be run."""
    if request.param != "spawned":
        yield request.getfixturevalue(request.param)
        return
    light = replace(interpreter(False), spawn=True, modules=())
    with Engine(light) as engine:
        yield Cells(engine)


def bash(name: str, source: str, **attributes: object) -> Snippet:
    return snippet(name, source, language="bash", **attributes)


def running(mark: str) -> list[str]:
    """The command lines on this machine that contain `mark`."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:  # it has ended since
            continue
    return [line for line in lines if mark in line]


def test_a_script_prints_fails_and_knows_its_line_and_its_environment(cells: Cells) -> None:
    told, wrong = cells(bash("where", "dirname $(command -v python)"), bash("wrong", "true\nno-such-program", line=40))
    assert told.stdout.strip().endswith(".envs/core/bin")
    assert (wrong.status, wrong.exception) == ("failed", "ShellError")
    assert "source/demo/topic.md: line 41: no-such-program: command not found" in wrong.stderr


def test_a_server_answers_later_cells_and_ends_with_its_job(cells: Cells) -> None:
    serve, ask, again = cells(bash("serve", SERVER, ready=URL), ASK, ASK)
    assert [serve.status, ask.status, again.status] == ["ok", "ok", "ok"], serve.error + serve.stderr + ask.error
    assert (serve.stdout, ask.stdout.strip(), again.stdout.strip()) == ("", "hello", "hello")
    deadline = time.monotonic() + 20
    while running(f"http.server {PORT}"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_that_ends_early_says_what_it_said(cells: Cells) -> None:
    source = "echo 'no model here' >&2\nexit 3"
    serve, ask = cells(bash("serve", source, ready=URL), "print(1)")
    assert (serve.status, serve.exception, ask.status) == ("failed", "ShellError", "skipped")
    assert f"ended with status 3 before {URL} answered" in serve.error
    assert "no model here" in serve.stderr


def test_a_server_that_never_answers_is_out_of_time(plain: Cells) -> None:
    source = "echo loading\nsleep 300"
    (serve,) = plain(bash("serve", source, ready=URL, timeout=0.5))
    assert (serve.status, serve.stderr) == ("timeout", "loading\n")


def test_an_answer_that_is_an_error_is_not_ready(plain: Cells) -> None:
    source = f"exec python -m http.server {PORT} --bind 127.0.0.1"
    (serve,) = plain(bash("serve", source, ready=URL + "not-there", timeout=2))
    assert serve.status == "timeout"
    assert "404" in serve.stderr


def test_what_a_job_brings_along_lies_where_it_lay(cells: Cells) -> None:
    sources = {"source/fixtures/twice.py": "def twice(x): return 2 * x", "source/data/list.txt": "甲\n乙\n"}
    files = {path: base64.b64encode(text.encode()).decode() for path, text in sources.items()}
    read = "from twice import twice\nprint(twice(21), len(open('source/data/list.txt', encoding='utf-8').readlines()))"
    imported, listed = cells(read, bash("list", "wc -l < source/data/list.txt"), files=files)
    assert imported.stdout == "42 2\n", imported.error
    assert listed.stdout.strip() == "2"
