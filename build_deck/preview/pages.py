"""The files of the site. Data come as scripts, since a page opened from a disk may load scripts and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from build_deck.model.note import FIELDS
from build_deck.model.problem import Problem
from build_deck.preview.leaf import Leaf, Site
from build_deck.preview.plain import text_of, title_of
from build_deck.preview.substitute import sides

HERE = Path(__file__).parent
FIXED = (
    ("index.html", HERE / "page/index.html"), ("preview.css", HERE / "page/preview.css"),
    ("preview.js", HERE / "page/preview.js"), ("frame.js", HERE / "page/frame.js"),
    ("mathjax.js", HERE / "vendor/mathjax.js"), ("LICENSE-MathJax", HERE / "vendor/LICENSE-MathJax"),
)  # fmt: skip
_UNSEARCHED = frozenset({"Id", "Context", "Cells"})


def write(site: Site, folder: Path) -> tuple[str, ...]:
    """Make `folder` hold exactly this site; returns the keys of the cards that changed. Equal files are not touched."""
    wanted = dict(_files(site))
    changed = [name for name, data in wanted.items() if _replace(folder / name, data)]
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    return tuple(name.removeprefix("cards/").removesuffix(".js") for name in changed if name.startswith("cards/"))


def _replace(path: Path, data: bytes) -> bool:
    # plain writes: a torn preview is made again, and syncing hundreds of files would take seconds
    try:
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True


def _files(site: Site) -> Iterator[tuple[str, bytes]]:
    faces = {face.note_type: face for face in site.faces}
    texts: dict[str, str] = {}
    for leaf in site.leaves:
        face, fields = faces[leaf.note.note_type], dict(zip(FIELDS, leaf.note.fields, strict=True))
        shown = sides(face.front, face.back, fields)
        yield f"cards/{leaf.key}.js", _script(f"cards[{json.dumps(leaf.key)}]", shown)
        searched = (value for name, value in fields.items() if name not in _UNSEARCHED)
        texts[leaf.key] = f"{leaf.key} {text_of(' '.join(searched))}".lower()
    yield "data/index.js", _script("index", _index(site))
    yield "data/texts.js", _script("texts", texts)
    yield "card.css", site.faces[0].css.encode()
    yield from ((f"media/{media.name}", media.data) for media in site.media)
    yield from ((name, path.read_bytes()) for name, path in FIXED)


def _script(name: str, value: Any) -> bytes:
    return f"proofdeck.{name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n".encode()


def _index(site: Site) -> dict[str, Any]:
    return {
        "version": site.version,
        "cards": [_row(leaf) for leaf in site.leaves],
        "problems": _told(site.problems),
    }


def _row(leaf: Leaf) -> dict[str, Any]:
    title = title_of(leaf.note.fields[FIELDS.index("Question")])
    row = {
        "key": leaf.key, "title": title, "section": leaf.section, "topic": leaf.topic, "depth": leaf.depth_name,
        "kind": leaf.kind, "level": leaf.level, "core": leaf.core, "parent": leaf.parent, "at": str(leaf.span),
        "problems": _told(leaf.problems),
    }  # fmt: skip
    return {name: value for name, value in row.items() if value}


def _told(problems: Iterable[Problem]) -> list[list[str]]:
    ordered = sorted(problems, key=lambda problem: (problem.span, problem.code, problem.text))
    return [[each.severity.value, each.code, str(each.span), each.text, each.hint] for each in ordered]
