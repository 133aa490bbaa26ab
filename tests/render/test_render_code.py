"""Colours of code: the text survives, tags balance, unknown languages stay plain."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name
from well_formed import assert_well_formed

from build_deck.render.code import CLASSES, LEXERS, _lexer, highlight
from build_deck.render.scan import Scanner
from build_deck.render.tokens import DARK, LIGHT


def text_of(marked: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", marked))


@pytest.mark.parametrize("language", ["python", "cuda", "bash", "diff", "json", "nosuch"])
@settings(max_examples=40, deadline=None)
@given(source=st.text(alphabet="abc = \n\t\"'#{}()[]<>&\\0一$", max_size=80))
def test_highlighting_loses_no_character(language: str, source: str) -> None:
    marked = highlight(source, language)
    assert text_of(marked) == source.rstrip("\n")
    assert_well_formed(marked)


def test_known_tokens_have_classes() -> None:
    marked = highlight("@cache\ndef f(x: int) -> str:\n    return f'{x}'  # 注释\n", "python")
    assert re.findall(r'class="(\w+)"', marked) == ["hd", "hk", "hf", "hb", "hb", "hk", "hs", "hd", "hd", "hs", "hc"]


def test_every_class_has_a_colour_by_day_and_by_night() -> None:
    classes = {css for _, css in CLASSES}
    assert classes <= set(LIGHT)
    assert classes <= set(DARK)


@pytest.mark.parametrize("word", sorted(LEXERS))
def test_every_listed_language_has_a_lexer(word: str) -> None:
    assert text_of(highlight("x = 1", word)) == "x = 1"


@pytest.mark.parametrize("name", sorted(set(LEXERS.values())))
def test_joined_rules_choose_as_pygments_does(name: str, project: Path) -> None:
    plain, joined = get_lexer_by_name(name, stripnl=False), _joined(name)
    sources = [path.read_text(encoding="utf-8") for path in sorted(project.glob("build_deck/**/*.py"))[::6]]
    for source in (*sources, *SAMPLES):
        assert list(joined.get_tokens(source)) == list(plain.get_tokens(source))


def test_the_states_that_matter_are_joined() -> None:
    scanner = _joined("python")
    assert isinstance(scanner, Scanner)
    assert all(scanner.states[name]._joined is not None for name in ("root", "expr-inside-fstring"))


@settings(max_examples=150, deadline=None)
@given(source=st.text(alphabet="abfrx_0.=+- \n\t\"'#{}()[]<>&\\@:一$%", max_size=60))
def test_joined_rules_choose_as_pygments_does_on_any_text(source: str) -> None:
    plain = get_lexer_by_name("python", stripnl=False)
    assert list(_joined("python").get_tokens(source)) == list(plain.get_tokens(source))


@cache
def _joined(name: str) -> Any:
    """A lexer all of whose states are joined from the start."""
    lexer = _lexer.__wrapped__(name)
    for state in lexer.states.values() if isinstance(lexer, Scanner) else ():
        state.join()
    return lexer


SAMPLES = (
    'f\'{x!r:>{width}}\' rb\'\\x00\' """doc""" 0x_ff 1e-3j @a.b\nmatch x:\n    case _: pass\n',
    "#include <cuda.h>\n__global__ void f(float* x) { x[threadIdx.x] += 1.f; }\n",
    "$ curl -s http://localhost:8000 | jq '.a[0]' && echo \"${HOME}\"\n",
    '{"a": [1, 2.5e3, null, true], "b": "\\u4e00"}\n',
    "a: &x [1, 2]\nb: *x\nc: |\n  text\n",
)
