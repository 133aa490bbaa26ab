"""`Cells` fields as a deck may hold them, honest and not."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any


def entry(name: str, source: Any, **changes: Any) -> dict[str, Any]:
    """One cell as the pipeline writes it."""
    plain = {"id": name, "role": "cell", "language": "python", "source": source, "env": "core", "timeout": 20.0,
             "rtol": 1e-3, "atol": 1e-5, "compare": "numbers"}  # fmt: skip
    return {**plain, **changes}


def field(*cells: dict[str, Any], **changes: Any) -> str:
    """A field with these cells."""
    return packed({"version": 1, "card": "a-card", "cells": list(cells), "mutants": [], **changes})


def packed(document: Any) -> str:
    """Any document, packed as a field is."""
    return squeezed(json.dumps(document).encode())


def squeezed(data: bytes) -> str:
    """Any bytes, packed as a field is."""
    return base64.b64encode(zlib.compress(data, 9)).decode()
