"""What the question shows before unknown code runs: all that is new, nothing hidden, in the sandbox or without one."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from cells_text import BOTH, WORLD, entry, field
from desks import Bench
from staged import Core

from build_deck.cells.identity import digest

Make = Callable[..., Bench]


def test_what_another_cell_is_said_to_have_measured_is_asked_about_and_shown(make: Make, package: Path) -> None:
    gpu, reads = entry("gpu", "x = 1", needs=["cuda"], result=1.5), entry("reads", "print(result('gpu'))")
    (package / "known.txt").write_text(f"{digest(gpu)}\n{digest(reads)}\n")
    assert make().press("reads", field(gpu, reads)).kind == "started"
    answer = make().press("reads", field({**gpu, "result": "\n!"}, reads))
    assert answer.approval.code == '# gpu\n# needs: ["cuda"]\n# result: "\\n!"\nx = 1'


def test_the_question_says_whether_the_run_is_sandboxed(make: Make) -> None:
    boxed, off = make(sandbox="auto").press("world", BOTH), make(sandbox="off").press("world", BOTH)
    assert (boxed.approval.bare, off.approval.bare) == (False, True)
    assert boxed.approval.where.startswith("It will run in the sandbox")
    assert off.approval.where.startswith("It will run WITHOUT a sandbox (the settings say so)")
    gpu = make(sandbox="auto").press("world", field({**WORLD, "needs": ["cuda"]}))
    assert (gpu.approval.bare, "cannot be sandboxed" in gpu.approval.where) == (True, True)
    assert gpu.approval.code.startswith('# world\n# needs: ["cuda"]\n')


def test_what_was_approved_for_the_sandbox_is_asked_about_before_it_runs_without(make: Make) -> None:
    boxed = make(sandbox="auto")
    boxed.run("world", BOTH)
    assert boxed.press("world", BOTH).kind == "started"
    boxed.finish()
    off = make(sandbox="off")
    assert off.press("world", BOTH).kind == "ask"
    off.desk.decide(off.desk._asked, True)
    off.finish()
    assert make(sandbox="auto").press("world", BOTH).kind == "started", "what may run without may run with it"
    assert make(sandbox="auto").desk.trust.approved == 1


def test_kernels_approved_for_the_sandbox_are_asked_about_before_they_run_on_a_gpu(make: Make, package: Path) -> None:
    kernel, gpu = entry("kernel", "// x", language="cuda"), entry("gpu", "x = 1", needs=["cuda"])
    (package / "known.txt").write_text(digest(gpu))
    bench = make(sandbox="auto")
    bench.desk.trust.approve([digest(kernel)], bare=False)
    answer = bench.press("gpu", field(kernel, gpu))
    assert [cell.id for cell in answer.approval.unknown] == ["kernel"]


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\x00", "\x1b", "\r", "\u2028",
                                       "\u3164", "\u115f", "\u1160", "\uffa0", "\u034f", "\u2800", "\ufe0f", "\u00a0",
                                       "\U000e0041", "\U000e0100", "\ue000", "\u17b4"], ids=ascii)  # fmt: skip
def test_what_the_eye_does_not_see_is_written_out(core: Core, character: str) -> None:
    assert core.plain.visible(f"a{character}b") == f"a⟦U+{ord(character):04X}⟧b"


def test_what_it_sees_stays(core: Core) -> None:
    text = "x = 'é 缩放，　“引号” ∑ ½ 🙂'\n\tif x:\n"
    assert core.plain.visible(text) == text


def test_a_long_line_is_broken_where_that_is_seen(core: Core) -> None:
    row, mark = "x" * 200, "⟦↩⟧\n"
    assert core.plain.visible(f"{row}\n{row}y\n\n{row}{row}\ny") == f"{row}\n{row}{mark}y\n\n{row}{mark}{row}\ny"
    assert core.plain.visible("\x7f" * 201) == "⟦U+007F⟧" * 200 + mark + "⟦U+007F⟧"


def test_the_code_cannot_say_what_only_the_question_says(core: Core) -> None:
    assert core.plain.visible("# ⟦↩⟧\nevil()") == "# ⟦U+27E6⟧↩⟧\nevil()"


def test_a_quarter_of_a_million_characters_are_made_visible_at_once(core: Core) -> None:
    texts = ("x = 1; " * 34_000, "\x7f" * 240_000, "\n" * 240_000, "".join(map(chr, range(0x800, 0xD800))) * 2)
    for text in texts:
        began = time.thread_time()
        core.plain.visible(text)
        assert time.thread_time() - began < 0.08


def test_a_name_that_python_would_take_is_never_blank(core: Core) -> None:
    # an identifier of nothing but these would look like no code at all
    letters = [chr(code) for code in range(0x110000) if chr(code).isidentifier()]
    fillers = [each for each in letters if "FILLER" in unicodedata.name(each, "")]
    assert len(fillers) == 4
    assert all(core.plain.visible(each) != each for each in fillers)


def test_the_question_shows_nothing_hidden(make: Make) -> None:
    answer = make().press("c", field(entry("c", "\u3164 = '\u202e'", ready="\u200b")))
    assert answer.approval.code == "# c\n# ready: \"⟦U+200B⟧\"\n⟦U+3164⟧ = '⟦U+202E⟧'"
