"""Rendered notes → `.apkg`: identity, modification times, media, reproducible bytes."""

from build_deck.pack.ledger import (
    Drafts,
    Ledger,
    LedgerLine,
    load_drafts,
    load_ledger,
    next_drafts,
    save_drafts,
    write_ledger,
)
from build_deck.pack.release import Books, Parts, assemble, package_bytes, write_package

__all__ = [
    "Books",
    "Drafts",
    "Ledger",
    "LedgerLine",
    "Parts",
    "assemble",
    "load_drafts",
    "load_ledger",
    "next_drafts",
    "package_bytes",
    "save_drafts",
    "write_ledger",
    "write_package",
]
