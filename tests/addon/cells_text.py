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


def entries(field: str) -> list[dict[str, Any]]:
    """The cells in a field of the pipeline's."""
    return list(json.loads(zlib.decompress(base64.b64decode(field)))["cells"])


HELLO = entry("hello", "print('hello')", stdout="hello\n")
WORLD = entry("world", "print('world')")
BOTH = field(HELLO, WORLD)

HOSTILE = {
    "empty": "",
    "html": "<script>alert(1)</script>",
    "base64 of nothing": "AAAA",
    "a megabyte": "A" * (1 << 20) + "A",
    "a zip bomb": squeezed(b" " * (64 << 20)),
    "no end": field(entry("a", "1"))[:-8],
    "something after the end": base64.b64encode(base64.b64decode(field(entry("a", "1"))) + b"x").decode(),
    "a deep result": field(entry("a", "1", result=json.loads("[" * 50 + "]" * 50))),
    "a long number": field(entry("a", "1", result=10**1000)),
    "not an object": packed([1, 2]),
    "deep nesting": squeezed(b"[" * 100_000 + b"]" * 100_000),
    "quotes that never end": squeezed(b'"' + b'\\"' * 120_000),
    "brackets side by side": squeezed(b"[" + b"[]," * 80_000 + b"[]]"),
    "deep nesting behind quotes": squeezed(b'{"a":"\\"[",' + b'"b":' + b"[" * 50 + b"]" * 50 + b"}"),
    "a number of a million digits": squeezed(b'{"version":' + b"1" * 1_000_000 + b"}"),
    "not a number": squeezed(b'{"version":NaN}'),
    "not UTF-8": squeezed(b'{"version":"\xff"}'),
    "no version": packed({"card": "a", "cells": []}),
    "a card of another form": field(card="../a"),
    "cells in no list": field(cells={"a": 1}),
    "a thousand cells": field(*(entry(f"c{n}", "") for n in range(1000))),
    "a cell that is text": packed({"version": 1, "card": "a", "cells": ["x"]}),
    "twice the same id": field(entry("a", "1"), entry("a", "2")),
    "an id with markup": field(entry("a<b", "1")),
    "an id with a new line": field(entry("a\n", "1")),
    "a long id": field(entry("a" * 100, "1")),
    "an unknown role": field(entry("a", "1", role="root")),
    "an unknown comparison": field(entry("a", "1", compare="always")),
    "a source of another type": field(entry("a", ["import os"])),
    "a long source": field(entry("a", "x" * 150_000)),
    "half a character": field(entry("a", "\ud800")),
    "half a character in a result": field(entry("a", "1", result="\ud800")),
    "an endless time": field(entry("a", "1", timeout=1e9)),
    "an infinite time": squeezed(json.dumps({"version": 1, "card": "a", "cells": [entry("a", "1")]}).encode()
                                 .replace(b"20.0", b"1e999")),
    "time as truth": field(entry("a", "1", timeout=True)),
    "a way out of the inputs": field(entry("a", "1", inputs=["../../etc/passwd"])),
    "an absolute input": field(entry("a", "1", inputs=["/etc/passwd"])),
    "an input on another drive": field(entry("a", "1", inputs=["C:\\x"])),
    "inputs in no list": field(entry("a", "1", inputs="abc")),
}  # fmt: skip
"""Fields that no pipeline writes; each would run its cell `a` if it were believed."""
