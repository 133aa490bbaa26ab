"""Where a press of ▶ is decided: the note's cells, trust, the interpreter, the one run. All of the add-on but its face.

Knows nothing of Qt or Anki: who calls says what Anki knows (`Place`) and shows what comes back (`Answer`, `updates`).
Every method is called on the window's thread and returns at once; running happens on a thread of its own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from .note import Cell
from .settings import Settings

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
    """The cells to approve, in the order in which they would run."""

    @property
    def code(self) -> str:
        """Plain text to show: every unknown cell under a line with its name."""
        raise NotImplementedError


@dataclass(frozen=True)
class Answer:
    """What came of a request. `text` is for people, in their language, and plain."""

    kind: str
    """STARTED; ASK: show `approval` in a native dialog, after the bridge call, then `decide`; REFUSED; LACKING: the
    interpreter has not what the card needs, or there is none (offer the settings)."""
    text: str = ""
    approval: Optional[Approval] = None


class Desk:
    """One for a profile: make it when the profile is open, close it before it closes."""

    def __init__(self, package: Path, profile: str, settings: Callable[[], Settings]) -> None:
        """`package`: the add-on's folder; `profile`: the profile's folder, of which only a hash is kept."""
        raise NotImplementedError

    def press(self, cell: str, place: Place) -> Answer:
        """▶ on the cell with this id. Everything but the id is taken from `place`."""
        raise NotImplementedError

    def decide(self, approval: Approval, approved: bool, never: bool = False) -> Answer:
        """What the learner said in the dialog; STARTED if approved. `never`: not again for this deck."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the run, if there is one; its last update follows."""
        raise NotImplementedError

    def updates(self) -> List[Dict[str, Any]]:
        """What to tell the page since the last call, small enough to be shown at once. Call it every 30 ms or so
        while `running`. Each is `{"note", "cell", "output": [[stream, text]…]}`, to append as text nodes (`stdout`,
        `stderr`), or `{"note", "cell", "state": {…}}`, the cell's whole state anew, as in `state`.
        """
        raise NotImplementedError

    def state(self, place: Place) -> Dict[str, Any]:
        """Everything to show under the cells of this note, by cell id, for a page that was drawn again:

        - `phase`: idle, loading (torch is), running, done
        - `runnable`: whether ▶ makes sense; `hint`: why not, in words
        - `output`: `[[stream, text]…]`; `error`: the traceback
        - `figures`: `[{"alt", "light", "dark"}…]`, the last two `data:image/svg+xml;base64,…`
        - `verdict`, when done: same, different, unrecorded, failed, stopped, timeout, output, memory, skipped;
          `words`: the same for people; `diff`: rows `[sign, text]`, `-` recorded, `+` this run
        - `seconds`; `about`: versions, device, sandboxed or not, in words
        """
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether there is a run, or updates that nobody has taken."""
        raise NotImplementedError

    def warm(self) -> None:
        """Start loading torch in the background, so that the first press need not wait; does nothing when it is loaded
        or no interpreter was chosen."""
        raise NotImplementedError

    def renew(self) -> None:
        """The settings have changed: let the engine go that belongs to the old ones."""
        raise NotImplementedError

    def close(self) -> None:
        """End everything, at once."""
        raise NotImplementedError
