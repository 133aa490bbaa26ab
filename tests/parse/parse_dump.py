"""A topic as text that a person can compare with the answer file it came from."""

from __future__ import annotations

from collections.abc import Iterator

from build_deck.model.card import Card, Cell, Diagram, Prose
from build_deck.model.corpus import Topic
from build_deck.model.problem import Problem, Severity
from build_deck.model.span import Span

_PLAIN = {"depth": 2, "kind": "concept", "core": False, "timeout": 20.0, "env": "core", "rtol": 1e-3, "atol": 1e-5,
          "compare": "numbers", "renderer": "merm"}  # fmt: skip
_ATTRIBUTES = ("id", "depth", "kind", "core", "minutes", "related", "asof", "was", "retired", "use")
_CELL = ("figure", "timeout", "env", "needs", "rtol", "atol", "compare", "raises", "why", "inputs", "ready")


def dump(topic: Topic, problems: tuple[Problem, ...]) -> str:
    """Title, cards, problems; what has its default value is left out."""
    lines = [f"# {topic.title}"]
    for card in topic.cards:
        lines += _card(card)
    lines += [f"! {_place(item.span)} {item.code}{_mild(item)}" for item in problems]
    return "\n".join(lines)


def _card(card: Card) -> Iterator[str]:
    group = f" [{card.group}]" if card.group else ""
    yield f"{card.number}) {_prose(card.question)}{_values(card, _ATTRIBUTES)}{group}"
    yield from (f"  waive {waiver.code}: {waiver.reason}" for waiver in card.waivers)
    for item in card.fields:
        yield f"  {item.label} {_place(item.span)}"
        for block in item.blocks:
            yield from _block(block)
    for follow_up in card.follow_ups:
        extra = _values(follow_up, ("id", "was", "depth"))
        yield f"  问 {_prose(follow_up.question)} 答 {_prose(follow_up.answer)}{extra}"
    yield from (f"  错 {_prose(pitfall.wrong)} 对 {_prose(pitfall.right)}" for pitfall in card.pitfalls)
    yield from (f"  反问 {_prose(prose)}" for prose in card.ask_backs)
    yield from (f"  参考 {_prose(prose)}" for prose in card.references)
    for mutant in card.mutants:
        yield f"  mutant {_place(mutant.span)} of={mutant.of} {mutant.name}: {mutant.old!r} → {mutant.new!r}"


def _block(block: Prose | Cell | Diagram) -> Iterator[str]:
    if isinstance(block, Prose):
        yield f"    {_prose(block)}"
    elif isinstance(block, Diagram):
        yield f"    diagram {_place(block.span)}{_values(block, ('id', 'caption', 'renderer'))} {block.source!r}"
    else:
        yield f"    {block.language} {block.role} {_place(block.span)} #{block.id}{_values(block, _CELL)}"
        yield from (f"      {part.part} {part.source!r}" for part in block.parts)


def _prose(prose: Prose | None) -> str:
    return "—" if prose is None else f"{_place(prose.span)} {prose.text!r}"


def _place(span: Span) -> str:
    return f"{span.line}:{span.col}"


def _values(record: object, names: tuple[str, ...]) -> str:
    values = [(name, getattr(record, name)) for name in names]
    return "".join(
        f" {name}={value}" for name, value in values if value not in (None, (), "") and value != _PLAIN.get(name)
    )


def _mild(problem: Problem) -> str:
    return " warning" if problem.severity is Severity.WARNING else ""
