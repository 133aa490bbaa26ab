"""`source/deck.yaml`: sections, topics and card ids in deck order. The only owner of PyYAML; positions are kept.

The nodes are read as they stand, no Python objects are made of them: every scalar is text, every fault has its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from build_deck.ids import DECKS
from build_deck.model.corpus import Section
from build_deck.model.span import Span
from build_deck.parse import values
from build_deck.parse.faults import Faults

_SHAPE = "sections: [{id, title, topics: {topic: [card-id, …]}}]"
_ADDRESS = re.compile(r"(?:https://[^\s\"'<>{}]+|mailto:[^\s\"'<>{}]*)")
_REPORT = "write https://… or mailto:… with {id} and {release} in it, no quotes or spaces"
_NAME = "write lower-case ASCII words joined by `-`"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckFile:
    """The table as records, and where each card id is listed."""

    sections: tuple[Section, ...] = ()
    places: dict[str, tuple[str, Span]] = field(default_factory=dict)
    """Card id → (topic id, place of the entry)."""
    report: str = ""


def read_deckfile(text: str, path: str, faults: Faults) -> DeckFile:
    """Read the table; what is faulty is reported and left out."""
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        span = Span(path, mark.line + 1, mark.column + 1) if mark else Span(path, 1)
        faults.error("P101", span, f"not YAML: {getattr(fault, 'problem', None) or fault}", _SHAPE)
        return DeckFile()
    return _Reader(path, faults).read(node)


class _Reader:
    def __init__(self, path: str, faults: Faults) -> None:
        self._path, self._faults = path, faults
        self._places: dict[str, tuple[str, Span]] = {}
        self._titles: dict[str, str] = {}

    def read(self, node: Node | None) -> DeckFile:
        if node is None:
            self._faults.error("P102", Span(self._path, 1), "the table is empty", _SHAPE)
            return DeckFile()
        top = self._mapping(node, ("sections",), ("report",))
        listed = self._sequence(top["sections"]) if "sections" in top else ()
        sections = tuple(section for item in listed if (section := self._section(item)))
        report = self._report(top["report"]) if "report" in top else ""
        return DeckFile(sections=sections, places=self._places, report=report)

    def _report(self, node: Node) -> str:
        text = self._text(node) or ""
        named = [name for name in ("{id}", "{release}") if name in text]
        address = text.replace("{id}", "id").replace("{release}", "release")
        if not text or (len(named) == 2 and _ADDRESS.fullmatch(address)):
            return text
        self._faults.error("P108", self._span(node), f"`{text}` is no address for reports", _REPORT)
        return ""

    def _section(self, node: Node) -> Section | None:
        entries = self._mapping(node, ("id", "title"), ("topics",))
        name = self._name(entries["id"]) if "id" in entries else None
        title = self._text(entries["title"]) if "title" in entries else None
        if name is None or title is None:
            return None
        if name in self._titles:
            self._faults.error("P103", self._span(entries["id"]), f"section `{name}` is listed twice", "keep one")
            return None
        self._titles[name] = title
        if all(name not in sections for _, _, sections in DECKS):
            hint = "use one of: " + ", ".join(section for _, _, sections in DECKS for section in sections)
            self._faults.error("P105", self._span(entries["id"]), f"section `{name}` belongs to no subdeck", hint)
        topics = self._pairs(entries["topics"]) if "topics" in entries else ()
        return Section(
            id=name,
            title=title,
            topics=tuple(topic for key, value in topics if (topic := self._topic(name, key, value))),
        )

    def _topic(self, section: str, key: ScalarNode, value: Node) -> tuple[str, tuple[str, ...]] | None:
        name = self._name(key)
        if name is None:
            return None
        cards = []
        for node in self._sequence(value):
            card = self._name(node)
            if card is None:
                continue
            if card in self._places:
                text = f"card `{card}` is listed twice; first on line {self._places[card][1].line}"
                self._faults.error("P104", self._span(node), text, "a card lives in one file")
                continue
            self._places[card] = (f"{section}/{name}", self._span(node))
            cards.append(card)
        return f"{section}/{name}", tuple(cards)

    def _mapping(self, node: Node, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in self._pairs(node):
            if key.value in (*required, *optional):
                found[key.value] = value
            else:
                known = ", ".join((*required, *optional))
                self._faults.error("P102", self._span(key), f"unknown key `{key.value}`", f"known here: {known}")
        for name in required:
            if isinstance(node, MappingNode) and name not in found:
                self._faults.error("P102", self._span(node), f"`{name}` is missing", _SHAPE)
        return found

    def _pairs(self, node: Node) -> Iterator[tuple[ScalarNode, Node]]:
        """Key and value of a mapping in order, every key once."""
        if not isinstance(node, MappingNode):
            self._faults.error("P102", self._span(node), "a mapping is expected here", _SHAPE)
            return
        seen = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.value in seen:
                self._faults.error("P103", self._span(key), "the key is given twice or is no text", "keep one")
                continue
            seen.add(key.value)
            yield key, value

    def _sequence(self, node: Node) -> tuple[Node, ...]:
        if isinstance(node, SequenceNode):
            return tuple(node.value)
        self._faults.error("P102", self._span(node), "a list is expected here", _SHAPE)
        return ()

    def _text(self, node: Node) -> str | None:
        if isinstance(node, ScalarNode) and node.value.strip():
            return str(node.value)
        self._faults.error("P102", self._span(node), "text is expected here", _SHAPE)
        return None

    def _name(self, node: Node) -> str | None:
        text = self._text(node)
        if text is not None and values.name(text) is None:
            self._faults.error("P102", self._span(node), f"`{text}` is no name", _NAME)
            return None
        return text

    def _span(self, node: Node) -> Span:
        mark = node.start_mark
        return Span(self._path, mark.line + 1, mark.column + 1)
