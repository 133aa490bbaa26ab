"""What a cell is, as far as trust goes: equal digests mean that the same code would run on the same data.

Name, limits, tolerance and recorded output enter nothing: they decide what is shown, not what runs.
"""

import hashlib
import json
from typing import Any, Sequence


def digest(language: str, role: str, env: str, source: str, given: Sequence[Any]) -> str:
    """SHA-256, as hex, of the parts of a cell; `given` is what it is handed besides: declared inputs, then what it
    measured elsewhere and later cells read, if anything. Raises ValueError for text that is not Unicode.
    """
    parts = [language, role, env, source, list(given)]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
