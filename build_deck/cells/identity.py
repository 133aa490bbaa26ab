"""What a cell is, as far as trust goes: equal digests mean that the same code would run on the same data.

Name, limits, tolerance and recorded output enter nothing: they decide what is shown, not what runs.
"""

import hashlib
import json
from typing import Any, Mapping

PARTS = ("language", "role", "env", "source", "needs", "inputs", "ready", "result")
"""Keys of an entry of the `Cells` field. What a cell needs decides whether it can be sandboxed and bounded in memory;
the last is what it measured elsewhere and later cells read.
"""


def digest(entry: Mapping[str, Any]) -> str:
    """SHA-256, as hex, of an entry of the `Cells` field. Raises ValueError for text that is not Unicode."""
    parts = {key: entry[key] for key in PARTS if entry.get(key) is not None}
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
