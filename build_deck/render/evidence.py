"""The proof on a card: code, what it printed, how far it was verified, and the mutants it caught."""

from __future__ import annotations

import re
from dataclasses import dataclass

from build_deck.model.card import Card, Cell, Label, Mutant, Part, Prose, Role
from build_deck.model.outcome import CardEvidence, CellEvidence, Level, MutantVerdict
from build_deck.render.markdown import Typesetter
from build_deck.render.safe import escape
from build_deck.render.words import LANGUAGES, badge, fate, packages_in

FOLD_CODE = 16
FOLD_OUTPUT = 20
"""Longest code and output, in lines, that stand open: about half a phone screen."""

_ALIGNED = re.compile(r"\S {2,}\S|(?:^|\s)[│┃|](?:\s|$)|\t", re.MULTILINE)
"""Output in columns, which a wrapped line would break."""

_TEST = re.compile(r"^\s*(?:async )?def test_", re.MULTILINE)

_OPENS = re.compile(r":\s*(?:#.*)?$")
"""The end of a line of Python that opens a block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A card's cells with what is known about them."""

    card: Card
    evidence: CardEvidence | None
    packages: tuple[str, ...]

    @classmethod
    def of(cls, card: Card, evidence: CardEvidence | None) -> Proof:
        """The proof of `card`."""
        return cls(card=card, evidence=evidence, packages=packages_in(card.cells))

    def outcome(self, cell: Cell) -> CellEvidence | None:
        """The frozen outcome of a cell."""
        return self.evidence.cells.get(cell.id) if self.evidence is not None else None

    def badge(self, cell: Cell) -> str:
        """The badge element of a cell."""
        outcome = self.outcome(cell)
        return f'<p class="badge {_strength(cell, outcome)}">{escape(badge(cell, outcome, self.packages))}</p>'


def evidence_field(proof: Proof, setter: Typesetter) -> str:
    """Prose and cells of 代码, cells of the other fields (展开 keeps its own), then hidden tests and mutants."""
    cells = [block for block, _ in _blocks(proof.card) if isinstance(block, Cell)]
    badges = {proof.badge(cell): None for cell in cells if cell.role not in {Role.STATIC, Role.STUB}}
    shared = next(iter(badges)) if len(badges) == 1 else ""
    parts = [shared]
    for block, _ in _blocks(proof.card):
        parts.append(setter.block(block) if isinstance(block, Prose) else cell_html(block, proof, setter, shared))
    parts += [_hidden_tests(cells), _mutants(proof)]
    return "\n".join(filter(None, parts))


def stub_field(card: Card, setter: Typesetter) -> str:
    """A kata's time budget and the code to start from; shown on the front."""
    stubs = [cell for cell in card.cells if cell.role is Role.STUB]
    budget = f'<p class="budget">限时 {card.minutes} 分钟</p>' if card.minutes else ""
    return "\n".join(filter(None, (budget, *(setter.code(cell.source, cell.language) for cell in stubs))))


def cell_html(cell: Cell, proof: Proof, setter: Typesetter, shared: str = "") -> str:
    """One cell as it stands on the back; `shared` is the badge that already heads the section."""
    if cell.role in {Role.STUB, Role.HIDDEN_TESTS}:
        return ""
    outcome, own = proof.outcome(cell), proof.badge(cell)
    pieces = [_code(cell, setter), _printed(outcome), _raised(cell, outcome), "" if own == shared else own]
    return f'<div class="cell" data-cell="{escape(cell.id)}">{"".join(pieces)}</div>'


def _blocks(card: Card) -> tuple[tuple[Prose | Cell, Label], ...]:
    return tuple(
        (block, field.label)
        for field in card.fields
        if field.label is not Label.DETAIL
        for block in field.blocks
        if isinstance(block, Cell) or (isinstance(block, Prose) and field.label is Label.CODE)
    )


def _code(cell: Cell, setter: Typesetter) -> str:
    if cell.role is Role.TESTS:
        return _by_length("测试", cell.source, cell.language, setter)
    pieces: list[str] = []
    for part, source in _merged(cell):
        if cell.role is Role.SOLUTION and part is not Part.CHECK:
            pieces.append(setter.code(source, cell.language))
        else:
            pieces.append(_by_length("断言" if part is Part.CHECK else "代码", source, cell.language, setter))
    return "".join(pieces)


def _merged(cell: Cell) -> list[tuple[Part, str]]:
    """The visible parts; show and show around a hidden one are one listing."""
    merged: list[tuple[Part, str]] = []
    above = ""
    for each in cell.parts or ():
        source = each.source.strip("\n")
        if each.part is not Part.HIDE and source.strip():
            if merged and merged[-1][0] is each.part:
                source = f"{merged.pop()[1]}\n{source}"
            else:
                source = "\n".join((*_openers(above, source), source))
            merged.append((each.part, source))
        above += each.source
    return merged


def _openers(above: str, source: str) -> list[str]:
    """The lines that open the block in whose middle `source` begins: without them it would not read as code."""
    found: list[str] = []
    depth = _indent(source)
    for line in reversed(above.splitlines()):
        if line.strip() and _indent(line) < depth:
            found.insert(0, line)
            depth = _indent(line)
    return found if all(_OPENS.search(line) for line in found) else []


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _by_length(title: str, source: str, language: str, setter: Typesetter) -> str:
    """Short code as it is, long code under its title."""
    if _lines(source) <= FOLD_CODE:
        label = f'<p class="what">{title}</p>' if title != "代码" else ""
        return f"{label}{setter.code(source, language)}"
    size = f"{LANGUAGES.get(language, language)} · {_lines(source)} 行"
    return f"<details><summary>{title} <small>{size}</small></summary>{setter.code(source, language)}</details>"


def _printed(outcome: CellEvidence | None) -> str:
    text = outcome.stdout.rstrip() if outcome is not None else ""
    if not text:
        return ""
    css = "out" if _ALIGNED.search(text) else "out wrap"
    listing = f'<div class="{css}"><pre><samp>{escape(text)}</samp></pre></div>'
    if _lines(text) <= FOLD_OUTPUT:
        return listing
    return f"<details><summary>输出 <small>{_lines(text)} 行</small></summary>{listing}</details>"


def _raised(cell: Cell, outcome: CellEvidence | None) -> str:
    if outcome is None or not outcome.error:
        return ""
    # of a traceback only the last line is the message; where it happened is for the author
    message = outcome.error.strip().rpartition("\n")[2]
    title = "如预期报错" if cell.raises else "报错"
    return f'<div class="out err wrap"><pre><samp>{title} {escape(message)}</samp></pre></div>'


def _hidden_tests(cells: list[Cell]) -> str:
    count = sum(len(_TEST.findall(cell.source)) or 1 for cell in cells if cell.role is Role.HIDDEN_TESTS)
    return f'<p class="note">另有 {count} 个隐藏测试。</p>' if count else ""


def _mutants(proof: Proof) -> str:
    if not proof.card.mutants:
        return ""
    found = {(each.of, each.name): each for each in proof.evidence.mutants} if proof.evidence is not None else {}
    verdicts = [(mutant, found.get((mutant.of, mutant.name))) for mutant in proof.card.mutants]
    killed = sum(verdict is not None and verdict.killed for _, verdict in verdicts)
    rows = "".join(_mutant(mutant, verdict) for mutant, verdict in verdicts)
    colour = ' class="all"' if killed == len(verdicts) else ""
    heading = f"<summary>改错即红 <small{colour}>{killed}/{len(verdicts)}</small></summary>"
    return f'<details class="mut">{heading}<ul>{rows}</ul></details>'


def _mutant(mutant: Mutant, verdict: MutantVerdict | None) -> str:
    change = "".join(
        f'<span class="{css}">{escape(line)}</span>\n'
        for css, sign, text in (("hx", "-", mutant.old), ("hs", "+", mutant.new))
        for line in (f"{sign} {row}" for row in text.strip("\n").split("\n") if row.strip())
    ).rstrip("\n")
    body = f'<div class="hl"><pre><code>{change}</code></pre></div>'
    return f"<li>{escape(mutant.name)} <small>{escape(fate(verdict))}</small>{body}</li>"


def _strength(cell: Cell, outcome: CellEvidence | None) -> str:
    if cell.role is Role.STATIC or cell.why or outcome is None:
        return "off"
    if outcome.status != "ok":
        return "bad"
    return "ok" if outcome.level in {Level.EXECUTED_GPU, Level.EXECUTED_CPU} else "half"


def _lines(text: str) -> int:
    return text.rstrip("\n").count("\n") + 1
