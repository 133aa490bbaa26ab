"""What the page draws for one cell, from the cell's state: one button, one note, output, figures, differences.

The page decides nothing, so that every word and every colour is chosen here.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

TONES = {"same": "good", "different": "bad", "failed": "bad", "timeout": "bad", "output": "bad", "memory": "bad"}


def view(state: Mapping[str, Any], labels: Mapping[str, str]) -> Dict[str, Any]:
    """`action` is what a press asks for (`run`, `stop`, `settings`), empty for a button that is out of order."""
    phase = state["phase"]
    busy = phase in ("loading", "running")
    printed = [list(part) for part in state.get("output") or ()]
    if state.get("error"):
        printed.append(["error", state["error"]])
    figures = [dict(figure, alt=figure.get("alt") or labels["figure"]) for figure in state.get("figures") or ()]
    return {
        "state": "running" if busy else phase,
        "action": "stop" if busy else "run" if state.get("runnable", True) else "",
        "button": labels["stop"] if busy else labels["again"] if phase == "done" else labels["run"],
        "title": labels["shortcut"],
        "note": labels[phase] if busy else _note(state, labels),
        "tone": TONES.get(str(state.get("verdict")), "") if phase == "done" else "",
        "printed": printed,
        "figures": figures,
        "diff": _compared(state, labels),
    }


def complaint(state: Mapping[str, Any], labels: Mapping[str, str], text: str, settings: bool) -> Dict[str, Any]:
    """A cell that could not be run, and why; with a way to the settings where they are the remedy."""
    shown = dict(view(state, labels), note=text, tone="half")
    return dict(shown, action="settings", button=labels["settings"]) if settings else shown


def _compared(state: Mapping[str, Any], labels: Mapping[str, str]) -> List[List[str]]:
    rows = [list(row) for row in state.get("diff") or ()]
    return [["", labels["legend"]], *rows] if rows else []


def _note(state: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    if state["phase"] != "done":
        return str(state.get("hint") or "")
    # a cell that was killed has no time of its own
    seconds = state.get("seconds") or 0
    took = labels["seconds"] % seconds if seconds >= 0.1 else labels["brief"] if seconds else ""
    parts = [state.get("words"), took, state.get("about")]
    return " · ".join(str(part) for part in parts if part)
