"""`source/` → `Corpus`: finds the answer files, reads each (or remembers it), and holds them against `deck.yaml`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from build_deck.memo import Memo
from build_deck.model.corpus import Corpus, Topic
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.parse import values
from build_deck.parse.deckfile import DeckFile, read_deckfile
from build_deck.parse.faults import Faults
from build_deck.parse.source import decode
from build_deck.parse.topic import parse_topic

_TABLE = "source/deck.yaml"
_NOT_ANSWERS = frozenset({"source/GLOSSARY.md", "source/README.md"})
"""Pages for contributors that lie beside the sections."""


def load(root: Path, memo: Memo | None = None) -> tuple[Corpus, tuple[Problem, ...]]:
    """Read everything under `root/source`. Topics come in the order of the table, then those that it does not list.

    Raises OSError when a file that exists cannot be read.
    """
    faults = Faults()
    table = _table(root, faults)
    sections = {section.id: number for number, section in enumerate(table.sections)}
    topics: list[Topic] = []
    problems: list[Problem] = []
    for file in _answer_files(root):
        path = file.relative_to(root).as_posix()
        if _belongs(path, frozenset(sections), faults):
            topic, found = _topic(file, path, memo)
            topics.append(topic)
            problems += found
    listed = (topic for section in table.sections for topic, _ in section.topics)
    order = {topic: number for number, topic in enumerate(listed)}
    topics.sort(key=lambda topic: (sections[topic.section], order.get(topic.id, len(order)), topic.id))
    _compare(table, topics, faults)
    return Corpus(sections=table.sections, topics=tuple(topics), report=table.report), (*faults.found(), *problems)


def _table(root: Path, faults: Faults) -> DeckFile:
    file = root / _TABLE
    if not file.is_file():
        faults.error("P101", Span(_TABLE, 1), "the deck's table is missing", "create source/deck.yaml")
        return DeckFile()
    return read_deckfile(decode(file.read_bytes(), _TABLE, faults), _TABLE, faults)


def _answer_files(root: Path) -> Iterator[Path]:
    """Markdown files under `source/` in the order of their paths; hidden ones are editors' leavings."""
    for file in sorted((root / "source").rglob("*.md")):
        path = file.relative_to(root)
        hidden = any(part.startswith(".") for part in path.parts)
        if not hidden and path.as_posix() not in _NOT_ANSWERS and file.is_file():
            yield file


def _belongs(path: str, sections: frozenset[str], faults: Faults) -> bool:
    """Whether the file is `source/<known section>/<topic>.md`."""
    _, *folders, name = path.split("/")
    if len(folders) != 1 or folders[0] not in sections:
        hint = "move it to source/<section>/<topic>.md; the sections are listed in source/deck.yaml"
        faults.error("P004", Span(path, 1), "this file lies in no section of the deck", hint)
        return False
    if values.name(name.removesuffix(".md")) is None:
        faults.error(
            "P005", Span(path, 1), "the file's name is no topic id", "use lower-case ASCII words joined by `-`"
        )
        return False
    return True


def _topic(file: Path, path: str, memo: Memo | None) -> tuple[Topic, tuple[Problem, ...]]:
    data = file.read_bytes()
    key = "parse:" + hashlib.sha256(path.encode() + b"\0" + data).hexdigest()
    known: tuple[Topic, tuple[Problem, ...]] | None = memo.get(key) if memo else None
    if known is not None:
        return known
    faults = Faults()
    text = decode(data, path, faults)
    topic, problems = parse_topic(text, path, path.split("/")[1])
    result = (topic, (*faults.found(), *problems))
    if memo:
        memo.put(key, result)
    return result


def _compare(table: DeckFile, topics: Iterable[Topic], faults: Faults) -> None:
    """Every card with an id lives in the file that the table names for it."""
    listed = {topic for section in table.sections for topic, _ in section.topics}
    for topic in topics:
        for card in topic.cards:
            if card.id is None or card.retired:
                continue
            place = next((span for name, span in card.attributes if name == "id"), card.span)
            if card.id not in table.places:
                if topic.id in listed:
                    hint = f"add it to {topic.id} in {_TABLE}"
                    faults.warning("P107", place, f"card `{card.id}` is not in the deck's table", hint)
            elif table.places[card.id][0] != topic.id:
                home, entry = table.places[card.id]
                hint = f"move the card to source/{home}.md, or change line {entry.line} of {_TABLE}"
                faults.error("P106", place, f"card `{card.id}` belongs to {home}", hint)
