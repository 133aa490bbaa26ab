"""What the page draws for one cell, from the cell's state: one button, one note, output, figures, differences.

The page decides nothing, so that every word and every colour is chosen here.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Tuple

GOOD, BAD, HALF, PLAIN = "good", "bad", "half", ""
TONES = {
    "same": GOOD, "different": BAD, "failed": BAD, "timeout": BAD, "output": BAD, "memory": BAD, "processes": BAD,
    "sandbox": BAD, "lacking": HALF, "skipped": HALF, "stopped": PLAIN, "unrecorded": PLAIN,
}  # fmt: skip
"""Of the word that says how a cell ended."""


def view(state: Mapping[str, Any], labels: Mapping[str, str]) -> Dict[str, Any]:
    """`action` is what a press asks for (`run`, `stop`, `settings`), empty for a button that is out of order."""
    phase = state["phase"]
    busy = phase in ("loading", "running")
    action, button = _button(state, labels, busy=busy)
    printed = [list(part) for part in state.get("output") or ()]
    if state.get("error"):
        printed.append(["error", state["error"]])
    return {
        "state": "running" if busy else phase,
        "action": action,
        "button": button,
        "title": labels["shortcut"] if action in ("run", "stop") else "",
        "note": [["", labels[phase]]] if busy else [list(part) for part in _note(state, labels)],
        # the page counts on from here: what takes long is seen to go on
        "clock": {"passed": state.get("since", 0.0), "unit": labels["passed"]} if busy else None,
        "printed": printed,
        "names": {"recorded": labels["recorded"], "now": labels["now"]},
        "figures": {
            "title": labels["figure"],
            "alts": [caption or labels["figure"] for caption in state.get("figures") or ()],
            "fold": state.get("verdict") == "same",  # the card shows the same already
        },
        "diff": _compared(state, labels),
    }


def complaint(state: Mapping[str, Any], labels: Mapping[str, str], text: str, settings: bool) -> Dict[str, Any]:
    """A cell that could not be run, and why; with a way to the settings where they are the remedy."""
    told = {**state, "remedy": "settings" if settings else state.get("remedy", "")}
    return dict(view(told, labels), note=[[HALF, text]])


def _button(state: Mapping[str, Any], labels: Mapping[str, str], *, busy: bool) -> Tuple[str, str]:
    if busy:
        return "stop", labels["stop"]
    if state.get("remedy") == "settings":
        return "settings", labels["settings"]
    ran = state["phase"] == "done" and state.get("verdict") != "lacking"
    return "run" if state.get("runnable", True) else "", labels["again" if ran else "run"]


def _compared(state: Mapping[str, Any], labels: Mapping[str, str]) -> List[List[str]]:
    rows = [list(row) for row in state.get("diff") or ()]
    return [["", labels["legend"]], *rows] if rows else []


def _note(state: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[Tuple[str, str]]:
    """Parts of the line beside the button, each with its tone: only the verdict and a warning have one."""
    if state["phase"] != "done":
        if state.get("hint"):
            yield PLAIN, str(state["hint"])
        return
    yield TONES.get(str(state.get("verdict")), PLAIN), str(state.get("words") or "")
    # a cell that was killed has no time of its own
    seconds = state.get("seconds") or 0
    if seconds:
        yield PLAIN, labels["seconds"] % seconds if seconds >= 0.1 else labels["brief"]
    if state.get("about"):
        yield PLAIN, str(state["about"])
    if state.get("warning"):
        yield HALF, str(state["warning"])
