"""The form in which outcomes travel from a machine with a GPU to the deck: JSON that notices when it was changed."""

import hashlib
import json
from typing import Any, Dict

FORMAT = 1


def digest(body: Dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of everything but the digest itself."""
    text = json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
