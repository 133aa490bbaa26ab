"""What an answer file says, as frozen records: `parse` makes them, every later stage reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from build_deck.model.span import Span


class Label(StrEnum):
    """The labels that open a field; the value is the canonical Chinese label."""

    ANSWER = "标准答"
    DETAIL = "展开"
    CODE = "代码"
    FIGURE = "图示"
    FOLLOW_UPS = "追问"
    ASK_BACK = "反问点"
    PITFALLS = "坑位"
    REFERENCES = "参考"


class Kind(StrEnum):
    """What a question asks for."""

    CONCEPT = "concept"
    COMPARE = "compare"
    DERIVATION = "derivation"
    CALCULATION = "calculation"
    CODE = "code"
    KATA = "kata"
    SYSTEM_DESIGN = "system-design"
    OPEN = "open"


class Role(StrEnum):
    """What a code fence is for."""

    CELL = "cell"
    STATIC = "static"
    STUB = "stub"
    SOLUTION = "solution"
    TESTS = "tests"
    HIDDEN_TESTS = "hidden-tests"


class Part(StrEnum):
    """What `#|` lines say about the lines after them; a cell starts in SHOW."""

    SHOW = "show"
    HIDE = "hide"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Markdown cut out of an answer file and dedented; block structure inside it is whole."""

    text: str
    span: Span
    origins: tuple[tuple[int, int], ...]
    """Per text line: (source line, source column of its first character), both from 1."""

    def place(self, line: int, col: int = 0) -> Span:
        """Span of the character `col` (from 0) of text line `line` (from 0)."""
        source_line, source_col = self.origins[min(line, len(self.origins) - 1)]
        return Span(self.span.path, source_line, source_col + col)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPart:
    """Consecutive lines of a cell with one visibility, `#|` lines removed."""

    part: Part
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A code fence. All attributes are as written; defaults are those of the answer format."""

    id: str
    """Unique in its card; role and number (`tests-1`) when the author gave none."""
    language: str
    role: Role
    source: str
    """The fence's body, dedented, byte for byte what is executed (`#|` lines are Python comments)."""
    span: Span
    """Of the first body line."""
    parts: tuple[CellPart, ...]
    figure: str | None = None
    timeout: float = 20.0
    """Seconds of wall time."""
    env: str = "core"
    needs: tuple[str, ...] = ()
    rtol: float = 1e-3
    atol: float = 1e-5
    compare: str = "numbers"
    """How a re-run is judged: text, numbers, shape or none."""
    raises: str | None = None
    """Name of the exception class that the cell must end with."""
    why: str | None = None
    """Reason why a static fence is not run."""
    inputs: tuple[str, ...] = ()
    """Declared files, relative to the project root, whose bytes enter the record key."""
    ready: str | None = None
    """URL to poll, for a server cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One recorded wrong variant: `old` occurs exactly once in the cell and is replaced by `new`."""

    of: str
    """Id of the mutated cell (a kata's is its solution)."""
    name: str
    old: str
    new: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A mermaid fence."""

    id: str
    source: str
    caption: str
    span: Span
    renderer: str = "merm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One labelled bullet and everything that belongs to it, in source order."""

    label: Label
    span: Span
    blocks: tuple[Prose | Cell | Diagram, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """问 and its 答; one with an id is also a card of its own."""

    question: Prose
    answer: Prose | None
    span: Span
    id: str | None = None
    was: str | None = None
    depth: int | None = None
    id_span: Span | None = field(default=None, compare=False)
    """Where the id stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitfall:
    """错 and 对; `wrong` is None for one free sentence."""

    wrong: Prose | None
    right: Prose
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A rule the author set aside for this card, and why."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One question with everything under it."""

    id: str | None
    """None until `fmt` has written one; such a card previews and is not packed."""
    number: int
    question: Prose
    span: Span
    topic: str
    """`section/topic`."""
    digest: str
    """SHA-256 over the card's raw source lines: equal digests render equally."""
    group: str | None = None
    depth: int = 2
    kind: Kind = Kind.CONCEPT
    core: bool = False
    minutes: int | None = None
    related: tuple[str, ...] = ()
    asof: str | None = None
    was: str | None = None
    retired: str | None = None
    use: str | None = None
    waivers: tuple[Waiver, ...] = ()
    fields: tuple[Field, ...] = ()
    """Each label at most once, in source order."""
    follow_ups: tuple[FollowUp, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    ask_backs: tuple[Prose, ...] = ()
    references: tuple[Prose, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    attributes: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    """Where each attribute of the question line stands, for rules that point at one."""

    @property
    def first_id(self) -> str | None:
        """The id that the card was born with; its GUID is a hash of it."""
        return self.was or self.id

    def labelled(self, label: Label) -> Field | None:
        """The field with this label, if the card has one."""
        return next((item for item in self.fields if item.label is label), None)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every code fence of the card in source order, kata fences included."""
        return tuple(block for item in self.fields for block in item.blocks if isinstance(block, Cell))

    @property
    def diagrams(self) -> tuple[Diagram, ...]:
        """Every mermaid fence of the card in source order."""
        return tuple(block for item in self.fields for block in item.blocks if isinstance(block, Diagram))
