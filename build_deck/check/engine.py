"""Runs the rules: waivers, the milder measure for raw lists, and the memory of what was found before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from build_deck.check.registry import CARD_RULES, DECK_RULES, WAIVABLE
from build_deck.check.scope import Deck, place_of
from build_deck.memo import Memo
from build_deck.model.card import Card
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem, Severity
from build_deck.model.span import Span

_Entry = tuple[str, int, int, int | None, str, str, str]
_Found = tuple[_Entry, ...]
"""Problems as the memo keeps them: lines relative to the card's first, so that a card may move in its file."""


def check(corpus: Corpus, root: Path, memo: Memo | None = None) -> tuple[Problem, ...]:
    """Every problem of the corpus, by place. `root` is the project root, for the files that cards mention."""
    problems = [problem for card in corpus.cards for problem in _remembered(card, memo)]
    deck = Deck(corpus=corpus, root=root)
    raw = {(card.span.path, line) for card in corpus.cards if card.id is None for line in _lines(card)}
    for rule in DECK_RULES:
        problems += (_milder(item) if (item.span.path, item.span.line) in raw else item for item in rule(deck))
    return tuple(sorted(problems, key=lambda problem: (problem.span, problem.code)))


def unidentified(corpus: Corpus) -> tuple[Problem, ...]:
    """An error for each card without an id: such a card previews, but nothing can be packed without identity."""
    hint = "run `python -m build_deck fmt`, or write {#id} at the end of the question"
    return tuple(
        Problem(code="K001", span=card.question.span, text="the question has no id", hint=hint)
        for card in corpus.cards
        if card.id is None
    )


def check_card(card: Card) -> tuple[Problem, ...]:
    """What the rules for one card find, waivers applied; on a card without id they only warn."""
    found = [problem for rule in CARD_RULES for problem in rule(card)]
    waived = {waiver.code for waiver in card.waivers}
    kept = [problem for problem in found if problem.code not in waived or problem.code not in WAIVABLE]
    kept += _idle_waivers(card, {problem.code for problem in found})
    return tuple(kept if card.id else map(_milder, kept))


def _idle_waivers(card: Card, found: set[str]) -> Iterable[Problem]:
    place = place_of(card, "waive")
    for waiver in card.waivers:
        if waiver.code not in WAIVABLE:
            hint = "can be waived: " + ", ".join(WAIVABLE)
            yield Problem(code="C801", span=place, text=f"`{waiver.code}` cannot be waived", hint=hint)
        elif waiver.code not in found:
            text, hint = f"nothing on this card needs the waiver of {waiver.code}", "delete it"
            yield Problem(code="C802", span=place, text=text, hint=hint, severity=Severity.WARNING)


def _milder(problem: Problem) -> Problem:
    return replace(problem, severity=Severity.WARNING)


def _lines(card: Card) -> range:
    return range(card.span.line, max(card.span.end_line, card.span.line) + 1)


def _remembered(card: Card, memo: Memo | None) -> tuple[Problem, ...]:
    if memo is None:
        return check_card(card)
    key = "check:" + card.digest
    known: _Found | None = memo.get(key)
    if known is None:
        known = tuple(_relative(problem, card) for problem in check_card(card))
        memo.put(key, known)
    return tuple(
        Problem(
            code=code,
            span=Span(card.span.path, line + card.span.line, col, 0 if end is None else end + card.span.line),
            text=text,
            hint=hint,
            severity=Severity(severity),
        )
        for code, line, col, end, text, hint, severity in known
    )


def _relative(problem: Problem, card: Card) -> _Entry:
    span, base = problem.span, card.span.line
    end = span.end_line - base if span.end_line else None
    return problem.code, span.line - base, span.col, end, problem.text, problem.hint, problem.severity.value
