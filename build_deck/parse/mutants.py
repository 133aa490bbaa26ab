"""`diff {.mutant of=cell name="…"}` fences: a recorded wrong variant of a cell, one `-` and one `+` fragment."""

from __future__ import annotations

from collections.abc import Sequence

from build_deck.model.card import Cell, Kind, Mutant, Role
from build_deck.model.span import Span
from build_deck.parse import values
from build_deck.parse.attributes import Reader
from build_deck.parse.faults import Faults
from build_deck.parse.markdown import Block


def read_mutant(block: Block, reader: Reader) -> Mutant | None:
    """The mutant in a fence; its cell is looked up later, when the whole card has been read."""
    reader.known(("of", "name"), ("mutant",))
    at = reader.line.span(reader.attributes.col)
    name = reader.read("name", values.phrase, 'what is wrong in it: name="…"')
    if reader.attributes.get("name") is None:
        reader.faults.error("P407", at, "a mutant needs a name", 'say what is wrong in it: name="…"')
    lines = block.content.removesuffix("\n").split("\n")
    signs = [line[:1] for line in lines if line.strip()]
    runs = [sign for index, sign in enumerate(signs) if index == 0 or signs[index - 1] != sign]
    if runs not in (["-", "+"], ["-"]):
        hint = "lines with `-`, then lines with `+`; nothing else"
        span = Span(reader.line.path, reader.line.number + 1)
        reader.faults.error("P406", span, "a mutant is one `-` fragment and one `+` fragment", hint)
        return None
    return Mutant(
        of=reader.attributes.value("of") or "",
        name=name or "",
        old=_fragment(lines, "-"),
        new=_fragment(lines, "+"),
        span=Span(reader.line.path, block.start + 1, at.col, block.end),
    )


def _fragment(lines: Sequence[str], sign: str) -> str:
    """The lines with this sign, without it and without one space behind it."""
    return "\n".join(line[1:].removeprefix(" ") for line in lines if line.startswith(sign))


def resolve_mutants(mutants: Sequence[Mutant], cells: Sequence[Cell], kind: Kind, faults: Faults) -> tuple[Mutant, ...]:
    """The mutants with their cells known; those that fit no cell exactly once are reported and left out."""
    resolved = []
    for mutant in mutants:
        cell = _cell_of(mutant, cells, kind, faults)
        if cell is None:
            continue
        count = cell.source.count(mutant.old) if mutant.old else 0
        if count != 1:
            times = "does not occur" if count == 0 else f"occurs {count} times"
            hint = "copy the fragment exactly, spaces included, and make it long enough to be the only one"
            place = Span(mutant.span.path, mutant.span.line + 1)
            faults.error("P405", place, f"the `-` fragment {times} in cell `{cell.id}`", hint)
        elif mutant.old == mutant.new:
            faults.error("P405", mutant.span, "the mutant changes nothing", "make `+` differ from `-`")
        else:
            resolved.append(Mutant(of=cell.id, name=mutant.name, old=mutant.old, new=mutant.new, span=mutant.span))
    return tuple(resolved)


def _cell_of(mutant: Mutant, cells: Sequence[Cell], kind: Kind, faults: Faults) -> Cell | None:
    solutions = [cell for cell in cells if cell.role is Role.SOLUTION]
    if not mutant.of and len(solutions) == 1:
        return solutions[0]
    known = solutions if kind is Kind.KATA and solutions else [cell for cell in cells if cell.role is Role.CELL]
    found = next((cell for cell in known if cell.id == mutant.of), None)
    if found is None:
        names = ", ".join(cell.id for cell in known) or "none"
        text = f"`of={mutant.of}` names no cell that can be mutated" if mutant.of else "a mutant needs `of=`"
        faults.error("P404", mutant.span, text, f"cells of this card: {names}")
    return found
