"""Text into HTML that no Anki client mistakes for one of its own commands.

Anki reads `[sound:…]`, `[anki:…]`, `[latex]`, `[$]` and `{{…}}` anywhere in a field, code and formulas included;
a character reference in place of the first character reads the same and triggers nothing.
"""

from __future__ import annotations

import re

_COMMAND = re.compile(r"\[(?=sound:|anki:|/?latex\]|/?\$\$?\])", re.IGNORECASE)
_DELIMITER = re.compile(r"\\([(\[])")


def escape(text: str) -> str:
    """`text` for element content and double-quoted attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def plain(text: str) -> str:
    """Running text: escaped, and a literal `\\(` stays literal (MathJax looks within one text node only)."""
    escaped = escape(text)
    return _DELIMITER.sub(r"\\<span>\1</span>", escaped) if "\\" in escaped else escaped


def neutralise(html: str) -> str:
    """Finished field HTML with every Anki command spelled out; markup of ours never contains one."""
    if "{{" in html:
        html = html.replace("{{", "&#123;&#123;")
    return _COMMAND.sub("&#91;", html) if "[" in html else html
