"""What the window hands to the desk, and what it gets back: where a request came from, a question, an answer."""

import json
from dataclasses import dataclass
from typing import Iterator, Optional, Tuple

from .jobs import Plan
from .note import Cell
from .plain import visible

STARTED, ASK, REFUSED, LACKING = "started", "ask", "refused", "lacking"


@dataclass(frozen=True)
class Place:
    """Where a request came from, as Anki itself knows it; nothing of it was said by the page."""

    reviewing: bool
    """Whether the message came from the reviewer's page."""
    note: str = ""
    """The id of the note on show."""
    deck: str = ""
    """The id of the deck that its card is in."""
    cells: str = ""
    """The note's `Cells` field as stored."""


@dataclass(frozen=True)
class Approval:
    """Code that nobody has vouched for, to be shown before it runs. What is shown here is what runs."""

    place: Place
    cell: str
    """The cell whose ▶ was pressed."""
    unknown: Tuple[Cell, ...]
    """The cells to approve: those whose measurements are read, then those that run, in order."""
    plan: Plan
    """What runs if they are approved, the known cells among them too."""
    bare: bool
    """Whether it would run without a sandbox."""
    where: str
    """The same for people: in the sandbox or without one, and why."""

    @property
    def code(self) -> str:
        """Plain text to show, with nothing hidden: every unknown cell under lines with its name and data, which may be
        all that is new.
        """
        return visible("\n\n".join("\n".join((*_heading(cell), cell.source)) for cell in self.unknown))


@dataclass(frozen=True)
class Answer:
    """What came of a request. `text` is for people, in their language, and plain."""

    kind: str
    """STARTED; ASK: show `approval` in a native dialog, after the bridge call, then `decide`; REFUSED; LACKING: there
    is no interpreter (offer the settings)."""
    text: str = ""
    approval: Optional[Approval] = None


def _heading(cell: Cell) -> Iterator[str]:
    """The cell's name and what goes into its run besides the code, each on a line that no value can leave."""
    yield "# " + cell.id
    given = {"needs": cell.needs or None, "inputs": cell.inputs or None, "ready": cell.ready or None}
    if cell.language != "python":
        yield "# " + cell.language
    for name, value in {**given, "result": cell.result}.items():
        if value is not None:
            yield "# %s: %s" % (name, json.dumps(value, ensure_ascii=False))
