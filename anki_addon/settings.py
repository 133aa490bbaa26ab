"""The add-on's configuration as a record; whatever the stored one holds, a usable setting comes out."""

from dataclasses import dataclass
from typing import Any, Mapping, Optional

DEFAULT_LIMIT, SHORTEST, LONGEST = 60, 5, 600
SANDBOXES = ("auto", "always", "off")
LANGUAGES = ("auto", "zh", "en")


@dataclass(frozen=True)
class Settings:
    """What the user decides. Names are the keys of `config.json`."""

    python: str = ""
    """Absolute path of the interpreter that runs cells; empty until one is chosen."""
    time_limit: int = DEFAULT_LIMIT
    """Seconds that a cell may compute."""
    sandbox: str = "auto"
    """`auto`: where the machine can; `always`: else run nothing; `off`."""
    warm: bool = True
    """Whether torch is loaded when a review begins, before the first press."""
    language: str = "auto"
    """Of the add-on's words: `zh`, `en`, or what Anki speaks."""


def read(config: Optional[Mapping[str, Any]]) -> Settings:
    """The settings in `config`; a key that is missing or makes no sense has its default."""
    raise NotImplementedError


def language(settings: Settings, anki: str) -> str:
    """`zh` or `en`; `anki` is Anki's language code, such as `zh-CN`."""
    raise NotImplementedError
