"""What a parsed card must have before it may ship: rules, one per file, each with codes of its own."""

from build_deck.check.engine import check, unidentified

__all__ = ["check", "unidentified"]
