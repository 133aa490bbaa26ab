"""What a long stage tells whoever draws the progress bar."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` items of one stage are finished; `item` is the one now in hand."""

    stage: str
    done: int
    total: int
    item: str = ""
