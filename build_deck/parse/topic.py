"""One answer file → `Topic`: title, groups, questions. Pure: text in, records and problems out, never an exception."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from build_deck.model.card import Card
from build_deck.model.corpus import Topic
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.parse.faults import Faults
from build_deck.parse.fences import Fences
from build_deck.parse.fields import Fields, cells_of
from build_deck.parse.items import Items
from build_deck.parse.markdown import Block, read_blocks
from build_deck.parse.mutants import resolve_mutants
from build_deck.parse.outline import Outline, fences_in
from build_deck.parse.question import Body, make_card, read_head
from build_deck.parse.source import Source, read_source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """Blocks between two headings or rules: those of one question, or (without one) those of nothing."""

    question: Block | None
    group: str | None
    blocks: list[Block] = field(default_factory=list)


def parse_topic(text: str, path: str, section: str) -> tuple[Topic, tuple[Problem, ...]]:
    """Read an answer file. `path` is POSIX and relative to the project root; its stem names the topic."""
    faults = Faults()
    source = read_source(text, path, faults)
    topic = f"{section}/{PurePosixPath(path).stem}"
    title, sections = _sections(source, faults)
    cards = tuple(_card(source, part, topic, faults) for part in sections if part.question)
    for part in sections:
        if part.question is None and part.blocks:
            span = source.span(part.blocks[0].start, 0, part.blocks[-1].end)
            hint = "put it under a field of a question, or delete it"
            faults.warning("P203", span, "text that belongs to no question", hint)
    heading = source.span(title.start if title else 0)
    if title is None:
        faults.warning("P201", heading, "no title", "begin the file with `# 标题`")
    name = _heading_text(source, title) if title else PurePosixPath(path).stem
    return Topic(id=topic, section=section, title=name, span=heading, cards=cards), faults.found()


def _sections(source: Source, faults: Faults) -> tuple[Block | None, list[_Section]]:
    """The title and what stands between it and the end of the file."""
    title, sections = None, [_Section(question=None, group=None)]
    for block in read_blocks(source):
        group = sections[-1].group
        if block.kind == "question":
            sections.append(_Section(question=block, group=group))
        elif block.kind == "hr":
            sections.append(_Section(question=None, group=group))
        elif block.kind != "heading":
            sections[-1].blocks.append(block)
        elif title is None and block.markup == "#":
            title = block
            sections.append(_Section(question=None, group=None))
        else:
            _check_heading(source, block, faults)
            sections.append(_Section(question=None, group=_heading_text(source, block) or None))
    return title, sections


def _check_heading(source: Source, block: Block, faults: Faults) -> None:
    if block.markup != "##":
        what = "a second title" if block.markup == "#" else f"a heading of level {len(block.markup)}"
        faults.warning(
            "P202", source.span(block.start), f"{what} ends the question and is read as a group", "write `## 组名`"
        )


def _heading_text(source: Source, block: Block) -> str:
    text = source.lines[block.start].strip().lstrip("#").strip()
    without = text.rstrip("#")
    return without.rstrip() if without.endswith((" ", "\t")) or not without else text


def _card(source: Source, part: _Section, topic: str, faults: Faults) -> Card:
    assert part.question is not None
    start = part.question.start
    end = part.blocks[-1].end if part.blocks else part.question.end
    head = read_head(source, start, faults)
    outline = Outline(source, faults, head.tail, strict=head.id is not None)
    for block in part.blocks:
        outline.add(block)
    fences, items = Fences(source=source, faults=faults), Items(path=source.path, faults=faults)
    reader = Fields(source=source, fences=fences, items=items)
    fields = tuple(reader.read(draft) for draft in outline.drafts)
    fences.close(list(fences_in(part.blocks)))
    body = Body(
        topic=topic,
        group=part.group,
        span=Span(source.path, start + 1, 1, end),
        digest=_digest(topic, part.group, source.lines[start:end]),
        fields=fields,
        items=items,
        mutants=resolve_mutants(fences.mutants, cells_of(fields), head.kind, faults),
    )
    return make_card(head, body)


def _digest(topic: str, group: str | None, lines: Sequence[str]) -> str:
    """Over all that the card's notes are rendered from: its place in the deck and its raw lines."""
    return _sha256((topic, group or "", *lines))


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode(errors="surrogatepass")).hexdigest()
