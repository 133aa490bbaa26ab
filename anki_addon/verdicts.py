"""How a cell ended, ready to be shown: judged by the pipeline's own rule, said in the learner's language.

Turns nothing that a cell said into markup: figures stay drawings, the rest is text.
"""

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

from .cells.judge import Tolerance, judge
from .cells.protocol import Drawing, Outcome
from .cells.session import CUT
from .note import Cell
from .strings import Words

LONGEST_DIFF = 60
"""Rows."""
MOST_PIECES = 400
"""Of output that are kept apart once a cell has ended: a page of very many is slow."""
ENGINE = (
    ("the process ended ", "ended early"), ("the cell promises ", "no exception"),
    ("the process that runs the cells ", "lost"), ("the cell wrote to the channel ", "meddled"),
)  # fmt: skip
"""What the engine says of a failure, by how it begins, and what it is called here."""


@dataclass(frozen=True)
class Ended:
    """How a cell ended."""

    verdict: str
    words: str
    about: str = ""
    warning: str = ""
    """That it ran without the sandbox that there should have been."""
    output: Tuple[Tuple[str, str], ...] = ()
    """What each stream was, cleaned, as it was judged."""
    figures: Tuple[Drawing, ...] = ()
    caption: str = ""
    error: str = ""
    diff: Tuple[List[str], ...] = ()
    seconds: Optional[float] = None
    remedy: str = ""
    """`settings` where they are one."""


@dataclass(frozen=True)
class Ground:
    """What a cell ran on, in words."""

    about: str
    warning: str = ""


def conclude(cell: Cell, outcome: Outcome, words: Words, ground: Ground, *, stub: bool = False) -> Ended:
    """The verdict on one cell, by its own tolerance; with `stub`, on a kata's stub, which must fail."""
    verdict, said, diff = _verdict(cell, outcome, words)
    if outcome.tests and not stub:
        passed = sum(not test.exception for test in outcome.tests)
        said = "%s · %s" % (said, words.say("tests", passed=passed, count=len(outcome.tests)))
    if stub and outcome.tests:
        verdict = "different" if outcome.status == "ok" else "same"
        said = words.say("stub passes" if outcome.status == "ok" else "as it must")
    streams = (("stdout", outcome.stdout), ("stderr", outcome.stderr))
    return Ended(
        verdict=verdict, words=said, about=ground.about, warning=ground.warning, diff=diff, caption=cell.figure,
        output=tuple((name, localized(text, words)) for name, text in streams if text), figures=outcome.drawings,
        error=outcome.error if outcome.exception and not _by_engine(outcome) else "",
        seconds=None if outcome.status == "skipped" else outcome.seconds,
    )  # fmt: skip


def localized(text: str, words: Words) -> str:
    """What a cell printed, with the engine's mark where it was cut off in the learner's language."""
    return text.replace(CUT.strip("\n"), words.say("cut"))


def settled(live: Sequence[Sequence[str]], streams: Sequence[Tuple[str, str]]) -> List[List[str]]:
    """The output of a cell that has ended, in the order in which it came where that order still holds.

    `live`: the pieces as they came; `streams`: what each stream was after overwritten lines, escapes and addresses were
    taken out. Where that has changed something the streams stand one after the other.
    """
    came: Dict[str, str] = {}
    for name, text in live:
        came[name] = came.get(name, "") + text
    cleaned = {name: _lines(text) for name, text in streams}
    if len(live) <= MOST_PIECES and cleaned == {name: _lines(text) for name, text in came.items() if text.strip()}:
        return [list(part) for part in live]
    return [list(part) for part in streams]


def _lines(text: str) -> List[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def _verdict(cell: Cell, outcome: Outcome, words: Words) -> Tuple[str, str, Tuple[List[str], ...]]:
    if outcome.status == "failed":
        engine = _by_engine(outcome)
        return "failed", words.say(engine) if engine else words.say("failed", what=outcome.exception), ()
    if outcome.status != "ok":
        return outcome.status, words.say(outcome.status), ()
    if cell.stdout is None:
        return "unrecorded", words.say("unrecorded"), ()
    judged = judge(cell.stdout, outcome.stdout, Tolerance(cell.compare, cell.rtol, cell.atol))
    verdict = "same" if judged.same else "different"
    return verdict, words.say(verdict), tuple(_rows(judged.diff))


def _by_engine(outcome: Outcome) -> str:
    """Which of ENGINE's it is; empty where the cell itself failed."""
    return next((key for begins, key in ENGINE if outcome.error.startswith(begins)), "")


def _rows(diff: str) -> List[List[str]]:
    # the two names at the top and the places are left out; a line of the outputs comes after a sign of its own
    lines = diff.split("\n")[2:LONGEST_DIFF]
    return [[line[:1], line[1:]] for line in lines if not line.startswith("@@")]
