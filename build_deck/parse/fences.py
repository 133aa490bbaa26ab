"""Code fences → cells, diagrams and mutants. One without language (or `text`) is a listing and stays prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from build_deck.model.card import Cell, CellPart, Diagram, Mutant, Part, Role
from build_deck.model.span import Span
from build_deck.parse import values
from build_deck.parse.attributes import Line, Reader, read_attributes
from build_deck.parse.faults import Faults
from build_deck.parse.markdown import Block
from build_deck.parse.mutants import read_mutant
from build_deck.parse.source import Source

LISTINGS = frozenset({"", "text", "txt", "plain", "plaintext", "console"})
"""Languages of fences that are not code."""

RUNNABLE = frozenset({"python", "cuda", "bash"})
"""Languages of fences that can be run."""

_ROLES = {"stub": Role.STUB, "solution": Role.SOLUTION, "tests": Role.TESTS, "static": Role.STATIC}
_CLASSES = (*_ROLES, "hidden", "server")
_KEYS = ("id", "figure", "timeout", "env", "needs", "rtol", "atol", "compare", "raises", "why", "inputs", "ready")
_PART_LINE = re.compile(r"[ \t]*(?:#|//)\|[ \t]*(.*?)[ \t]*$")
_ID_FORM = "lower-case words joined by `-`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fences:
    """The fences of one card, read one by one in source order."""

    source: Source
    faults: Faults
    mutants: list[Mutant] = field(default_factory=list)
    _numbers: Counter[str] = field(default_factory=Counter)
    _ids: set[str] = field(default_factory=set)
    _read: set[int] = field(default_factory=set)

    def read(self, block: Block) -> Cell | Diagram | None:
        """What the fence says; a mutant goes to `mutants` and yields None."""
        self._read.add(block.start)
        start = self._opening(block)
        line = Line(text=self.source.lines[block.start], path=self.source.path, number=block.start + 1)
        attributes = read_attributes(line, self.faults, start + len(block.markup))
        reader = Reader(attributes=attributes, line=line, faults=self.faults)
        language = language_of(block)
        if language == "mermaid":
            return self._diagram(block, reader)
        if language == "diff" and "mutant" in attributes.classes:
            mutant = read_mutant(block, reader)
            self.mutants.extend([mutant] if mutant else [])
            return None
        return self._cell(block, language, reader)

    def close(self, blocks: Sequence[Block]) -> None:
        """Report, when the card has been read, every fence among these that is open or stands where no cell can."""
        for block in blocks:
            last = self.source.lines[block.end - 1].lstrip("> \t").rstrip() if block.end - 1 > block.start else ""
            if len(last) < len(block.markup) or last.strip(block.markup[0]):
                hint = f"add `{block.markup}` on a line of its own behind the code"
                self.faults.error("P210", self._span(block), "code fence is never closed", hint)
            if block.start not in self._read and "{" in block.info:
                hint = "move the fence to the left edge or straight under the field's bullet"
                self.faults.error(
                    "P409", self._span(block), "a cell cannot stand inside a nested bullet or quotation", hint
                )

    def _span(self, block: Block) -> Span:
        return self.source.span(block.start, self._opening(block), block.end)

    def _opening(self, block: Block) -> int:
        return max(0, self.source.lines[block.start].find(block.markup))

    def _cell(self, block: Block, language: str, reader: Reader) -> Cell:
        reader.known(_KEYS, _CLASSES)
        role = self._role(language, reader)
        own = self._own_id(reader)
        span = self._body(block)
        return Cell(
            id=own or self._free_id(role.value),
            language=language,
            role=role,
            source=block.content,
            span=span,
            parts=tuple(self._parts(block)),
            figure=reader.read("figure", values.phrase, 'a caption: figure="说明"'),
            timeout=reader.read("timeout", values.seconds, "seconds, at most 600") or 20.0,
            env=reader.read("env", values.name, "the name of an environment") or "core",
            needs=reader.read("needs", values.listing, "names separated by commas") or (),
            rtol=_number(reader, "rtol", 1e-3),
            atol=_number(reader, "atol", 1e-5),
            compare=reader.read("compare", values.comparison, "text, numbers, shape or none") or "numbers",
            raises=reader.read("raises", values.identifier, "the name of an exception"),
            why=reader.read("why", values.phrase, 'a reason: why="…"'),
            inputs=reader.read("inputs", values.listing, "paths separated by commas") or (),
            ready=reader.read("ready", values.address, "the address to poll, http://…"),
        )

    def _body(self, block: Block) -> Span:
        end = block.start + 1 + block.content.count("\n")
        return self.source.span(block.start + 1, _body_indent(self.source, block), end)

    def _role(self, language: str, reader: Reader) -> Role:
        classes = reader.attributes.classes
        roles = [role for name, role in _ROLES.items() if name in classes]
        at = reader.line.span(max(0, reader.attributes.col))
        if len(roles) > 1:
            self.faults.error("P408", at, "a fence has one role", "keep one of .stub .solution .tests .static")
        if "hidden" in classes and Role.TESTS not in roles:
            self.faults.error(
                "P408", at, "`.hidden` belongs to `.tests`", "write {.tests .hidden}; `#| hide` hides lines of a cell"
            )
        if ("server" in classes) != (reader.attributes.get("ready") is not None):
            self.faults.error("P408", at, "`.server` and `ready=` belong together", "write {.server ready=http://…}")
        if Role.TESTS in roles and "hidden" in classes:
            return Role.HIDDEN_TESTS
        if not roles and language not in RUNNABLE:
            text, hint = f"`{language}` is shown, not run", 'say so: {.static why="…"}, or make it a `text` fence'
            self.faults.warning("P410", reader.line.span(self._column(reader)), text, hint)
            return Role.STATIC
        return roles[0] if roles else Role.CELL

    def _column(self, reader: Reader) -> int:
        return len(reader.line.text) - len(reader.line.text.lstrip())

    def _diagram(self, block: Block, reader: Reader) -> Diagram:
        reader.known(("id", "caption", "renderer"))
        return Diagram(
            id=self._own_id(reader) or self._free_id("diagram"),
            source=block.content,
            caption=reader.read("caption", values.phrase, 'caption="说明"') or "",
            span=self._body(block),
            renderer=reader.read("renderer", lambda text: text if text in ("merm", "mmdc") else None, "merm or mmdc")
            or "merm",
        )

    def _own_id(self, reader: Reader) -> str | None:
        entry = reader.attributes.get("id")
        own = reader.read("id", values.name, _ID_FORM)
        if entry is None or own is None:
            return None
        if own in self._ids:
            self.faults.error(
                "P401", reader.line.span(entry.col), f"`#{own}` names two fences of this card", "rename one"
            )
            return None
        self._ids.add(own)
        return own

    def _free_id(self, stem: str) -> str:
        while True:
            self._numbers[stem] += 1
            candidate = f"{stem}-{self._numbers[stem]}"
            if candidate not in self._ids:
                self._ids.add(candidate)
                return candidate

    def _parts(self, block: Block) -> Iterator[CellPart]:
        part, kept = Part.SHOW, []
        for number, text in enumerate(block.content.split("\n")):
            match = _PART_LINE.match(text) if "|" in text else None
            if match is None:
                kept.append(text)
                continue
            if "\n".join(kept).strip():
                yield CellPart(part=part, source="\n".join(kept).strip("\n"))
            kept = []
            named = next((item for item in Part if item.value == match[1]), None)
            if named is None:
                span = self.source.span(
                    block.start + 1 + number, _body_indent(self.source, block) + text.index("|") - 1
                )
                self.faults.error("P403", span, f"unknown part `#| {match[1]}`", "write hide, show or check")
            part = named or part
        if "\n".join(kept).strip():
            yield CellPart(part=part, source="\n".join(kept).strip("\n"))


def is_cell(block: Block) -> bool:
    """Whether the block is a fence with code, not a mere listing."""
    return block.kind == "fence" and (language_of(block) not in LISTINGS or "{" in block.info)


def language_of(block: Block) -> str:
    """The first word of the fence's info, lower case, aliases resolved."""
    words = block.info.split("{", 1)[0].split()
    word = words[0].lower() if words else ""
    return {"py": "python", "python3": "python", "sh": "bash", "shell": "bash", "cu": "cuda"}.get(word, word)


def _number(reader: Reader, name: str, default: float) -> float:
    value = reader.read(name, values.tolerance, "a number such as 1e-3")
    return default if value is None else value


def _body_indent(source: Source, block: Block) -> int:
    """Characters that stand before the body's first line in the file."""
    if block.start + 1 >= len(source.lines):
        return 0
    line, body = source.lines[block.start + 1], block.content.split("\n", 1)[0]
    return len(line) - len(body) if body and line.endswith(body) else 0
