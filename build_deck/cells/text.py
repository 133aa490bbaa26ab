"""Make what a cell printed fit to be stored and compared: no terminal escapes, no addresses, no control characters."""

import re

ESCAPES = re.compile(r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)?|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])?")
ADDRESS = re.compile(r"(?<= at )0x[0-9a-f]{6,16}(?=\b)")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Drop escapes and overwritten progress bars, mask addresses and control characters, cut trailing blanks."""
    text = ESCAPES.sub("", text).replace("\r\n", "\n")
    lines = (_last_state(line).rstrip() for line in text.split("\n"))
    text = CONTROL.sub("\ufffd", ADDRESS.sub("0x…", "\n".join(lines)))
    return text.rstrip("\n") + "\n" if text.strip() else ""


def _last_state(line: str) -> str:
    # a carriage return starts the line again: what a terminal shows at the end is the last part
    return line.rstrip("\r").rpartition("\r")[2] if "\r" in line else line
