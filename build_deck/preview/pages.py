"""The files of the site. Data come as scripts, since a page opened from a disk may load scripts and nothing else."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_deck.model.note import FIELDS, Face, RenderedNote
from build_deck.model.problem import Problem
from build_deck.preview.leaf import Leaf, Site
from build_deck.preview.plain import text_of, title_of
from build_deck.preview.substitute import sides

HERE = Path(__file__).parent
FIXED = (
    ("frame.js", HERE / "page/frame.js"), ("preview.js", HERE / "page/preview.js"),
    ("mathjax.js", HERE / "vendor/mathjax.js"), ("LICENSE-MathJax", HERE / "vendor/LICENSE-MathJax"),
)  # fmt: skip
_TEX = re.compile(r"<(pre|code)\b.*?</\1>|\\\[.*?\\\]|\\\(.*?\\\)", re.DOTALL)
_UNSEARCHED = frozenset({"Id", "Context", "Cells"})


class Press:
    """Makes a folder hold one site after another; what did not change since the last is neither made nor compared."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._leaves: dict[str, _Printed] = {}
        self._written: dict[str, bytes] = {}

    def publish(self, site: Site) -> tuple[str, ...]:
        """Write `site`, drop what is not of it; returns the keys of the cards whose files are new."""
        wanted = dict(self._files(site))
        changed = [name for name, data in wanted.items() if self._replace(name, data)]
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.relative_to(self.folder).as_posix() not in wanted:
                path.unlink()
        self._written = wanted
        return tuple(name.removeprefix("cards/").removesuffix(".js") for name in changed if name.startswith("cards/"))

    def _replace(self, name: str, data: bytes) -> bool:
        # plain writes: a torn preview is made again, and syncing hundreds of files would take seconds
        path = self.folder / name
        try:
            if path.stat().st_size == len(data) and (self._written.get(name) or path.read_bytes()) == data:
                return False
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return True

    def _files(self, site: Site) -> Iterator[tuple[str, bytes]]:
        faces = {face.note_type: face for face in site.faces}
        known, self._leaves = self._leaves, {}
        for leaf in site.leaves:
            face, old = faces[leaf.note.note_type], known.get(leaf.key)
            fresh = old is not None and old.note == leaf.note and old.face == face
            printed = old if old is not None and fresh else _Printed.of(leaf, face)
            self._leaves[leaf.key] = printed
            yield f"cards/{leaf.key}.js", printed.script
        yield "data/index.js", _script("index", _index(site))
        yield "data/texts.js", _script("texts", {key: printed.text for key, printed in self._leaves.items()})
        front = self._leaves[site.leaves[0].key].front if site.leaves else ""
        yield "index.html", _page(site, front).encode()
        yield from ((f"media/{media.name}", media.data) for media in site.media)
        yield from ((name, path.read_bytes()) for name, path in FIXED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Printed:
    note: RenderedNote
    face: Face
    front: str
    script: bytes
    text: str

    @classmethod
    def of(cls, leaf: Leaf, face: Face) -> _Printed:
        fields = dict(zip(FIELDS, leaf.note.fields, strict=True))
        shown = sides(face.front, face.back, fields)
        script = _script(f"cards[{json.dumps(leaf.key)}]", shown)
        searched = " ".join(value for name, value in fields.items() if name not in _UNSEARCHED)
        return cls(
            note=leaf.note, face=face, front=shown[0], script=script, text=f"{leaf.key} {text_of(searched)}".lower()
        )


def _page(site: Site, front: str) -> str:
    """The page with all that its first card needs inside, since every file more takes some of the first 100 ms."""
    folder = HERE / "page"
    parts = {
        "FIRST-KEY": site.leaves[0].key if site.leaves else "",
        "CARD-STYLE": site.faces[0].css,
        "PAGE-STYLE": (folder / "preview.css").read_text("utf-8"),
        "FIRST-FRONT": _quoted(_spelled(front)),
    }
    page = (folder / "index.html").read_text("utf-8")
    for name, text in parts.items():
        page = page.replace(name, text)
    return page


def _spelled(front: str) -> str:
    """The front as it can be shown before there is MathJax: TeX in letters; of pictures only the frame knows."""
    return "" if "<img" in front else _TEX.sub(_letters, front)


def _letters(found: re.Match[str]) -> str:
    # what is set in the end lies beside it, still escaped as in the field
    tex = found[0]
    return tex if found[1] else f'<span class="tex" data-tex="{tex}">{html.escape(title_of(tex))}</span>'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("<", r"\u003c")


def _script(name: str, value: Any) -> bytes:
    return f"proofdeck.{name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n".encode()


def _index(site: Site) -> dict[str, Any]:
    return {
        "version": site.version,
        "cards": [_row(leaf) for leaf in site.leaves],
        "problems": _told(site.problems),
        "orders": dict(site.orders),
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
