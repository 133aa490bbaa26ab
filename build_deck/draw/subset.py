"""Cut the committed CJK font: the common characters, plus every character that `source/` uses.

Run by `make font` (needs fontTools and the full Noto Sans CJK); nothing else imports this module.
The result draws the same figures on every machine, whatever fonts are installed there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset

FAMILY = "Noto Sans CJK SC"
SIMPLIFIED_CHINESE = 2  # face number in NotoSansCJK-Regular.ttc
FONT = Path(__file__).parent / "fonts" / "NotoSansCJKsc-subset.otf"


BLOCKS = (
    (0x20, 0x7F), (0xA0, 0x100), (0x391, 0x3CA), (0x2010, 0x2027), (0x2030, 0x2050), (0x2070, 0x20A0), (0x2190, 0x2200),
    (0x2200, 0x2300), (0x2460, 0x24EA), (0x2500, 0x2600), (0x3000, 0x3020), (0xFF00, 0xFF60),
)  # fmt: skip
"""Half-open ranges: ASCII, Latin-1, Greek, punctuation, super- and subscripts, arrows, mathematics, CJK punctuation."""


def common_characters() -> set[str]:
    """The characters of BLOCKS and the 3,755 of GB 2312 level 1."""
    characters = {chr(code) for first, last in BLOCKS for code in range(first, last)}
    for row in range(0xB0, 0xD8):
        for column in range(0xA1, 0xFF):
            characters.update(bytes((row, column)).decode("gb2312", errors="ignore"))
    return characters


def used_characters(source: Path) -> set[str]:
    """Every character in the answer files, so that no figure label can miss a glyph."""
    return set().union(*(set(path.read_text(encoding="utf-8")) for path in sorted(source.rglob("*.md"))))


def cut(full_font: Path, source: Path) -> None:
    """Write the subset of `full_font` to FONT; same inputs, same bytes."""
    options = subset.Options(
        font_number=SIMPLIFIED_CHINESE, layout_features=[], hinting=False, desubroutinize=False, recalc_timestamp=False,
        name_IDs=[0, 1, 2, 3, 4, 6, 13, 14], notdef_outline=True,
    )  # fmt: skip
    font = subset.load_font(str(full_font), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes={ord(character) for character in common_characters() | used_characters(source)})
    cutter.subset(font)
    subset.save_font(font, str(FONT), options)


if __name__ == "__main__":
    cut(Path(sys.argv[1]), Path(sys.argv[2]))
