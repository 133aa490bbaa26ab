"""The add-on's configuration as a record; whatever the stored one holds, a usable setting comes out."""

import math
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Tuple

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
    stored = config or {}
    python, limit, warm = stored.get("python"), stored.get("time_limit"), stored.get("warm")
    return Settings(
        python=python if isinstance(python, str) else "",
        time_limit=_limit(limit) if isinstance(limit, (int, float)) else DEFAULT_LIMIT,
        sandbox=_one_of(SANDBOXES, stored.get("sandbox")),
        warm=warm if isinstance(warm, bool) else True,
        language=_one_of(LANGUAGES, stored.get("language")),
    )


def language(settings: Settings, anki: str) -> str:
    """`zh` or `en`; `anki` is Anki's language code, such as `zh-CN`."""
    if settings.language != "auto":
        return settings.language
    return "zh" if anki.lower().startswith("zh") else "en"


def _limit(seconds: float) -> int:
    # neither a truth value nor what is not a number is a time
    if isinstance(seconds, bool) or math.isnan(seconds):
        return DEFAULT_LIMIT
    return int(min(max(seconds, SHORTEST), LONGEST))


def _one_of(choices: Tuple[str, ...], value: object) -> str:
    return value if isinstance(value, str) and value in choices else choices[0]
