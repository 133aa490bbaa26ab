"""What the two halves of the job cost at best in Python: `python -m tests.bench.floors render|genanki|html FOLDER`.

render   markdown-it with dollarmath and Pygments over deck.md, nothing written
html     the same, kept as notes.json for genanki (not measured)
genanki  bare genanki over notes.json and the images, as its manual shows it
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

# each floor loads what it needs and nothing else: the process as a whole is measured
# ruff: noqa: PLC0415


def render(folder: Path) -> list[tuple[str, str]]:
    """(question, answer) as HTML."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    lexer, formatter = get_lexer_by_name("python"), HtmlFormatter(nowrap=True)
    markdown = MarkdownIt(
        "commonmark", {"highlight": lambda code, _language, _attributes: highlight(code, lexer, formatter)}
    )
    markdown.enable("table").use(dollarmath_plugin)
    notes = re.split(r"(?m)^## ", (folder / "deck.md").read_text("utf-8"))[1:]
    return [(question, markdown.render(body)) for question, _, body in (note.partition("\n") for note in notes)]


def html(folder: Path) -> None:
    (folder / "notes.json").write_text(json.dumps(render(folder), ensure_ascii=False), "utf-8")


def bare_genanki(folder: Path) -> None:
    import genanki

    template = {"name": "Card 1", "qfmt": "{{Q}}", "afmt": "{{FrontSide}}<hr id=answer>{{A}}"}
    model = genanki.Model(1607392319, "Bench", fields=[{"name": "Q"}, {"name": "A"}], templates=[template])
    deck = genanki.Deck(2059400110, "面试")
    for number, fields in enumerate(json.loads((folder / "notes.json").read_text("utf-8"))):
        deck.add_note(genanki.Note(model=model, fields=fields, guid=f"note-{number}", tags=["llm"]))
    images = sorted(str(path) for path in folder.glob("*.png"))
    genanki.Package(deck, images).write_to_file(folder / "out.apkg", timestamp=1_700_000_000)


if __name__ == "__main__":
    {"render": render, "html": html, "genanki": bare_genanki}[sys.argv[1]](Path(sys.argv[2]))
