"""Rendered notes → `.apkg`: identity, modification times, media, reproducible bytes; and the add-on's package."""

from build_deck.pack.addon import KNOWN, AddonParts, known, stage, write_addon
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
    "KNOWN",
    "AddonParts",
    "Books",
    "Drafts",
    "Ledger",
    "LedgerLine",
    "Parts",
    "assemble",
    "known",
    "load_drafts",
    "load_ledger",
    "next_drafts",
    "package_bytes",
    "save_drafts",
    "stage",
    "write_addon",
    "write_ledger",
    "write_package",
]
