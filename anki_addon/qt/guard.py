"""What Anki calls of ours never raises: Anki would drop the handler for good, and hand the exception to whoever called.

A handler that failed is told of on standard error and is called again the next time.
"""

from __future__ import annotations

import functools
import traceback
from typing import Any, Callable


def guarded(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler of a hook; after a failure it answers what a filter was given first, unchanged."""

    @functools.wraps(handler)
    def call(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except Exception:
            traceback.print_exc()
            return arguments[0] if arguments else None

    return call
