"""The three note types' templates and their one stylesheet; the only module that imports jinja2.

Jinja's delimiters are `[[ ]]` and `[% %]` here, since `{{ }}` is Anki's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from build_deck.model.note import Face, NoteType
from build_deck.render import tokens
from build_deck.render.safe import escape

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceOptions:
    """What a release may say on every card; it lives in the note type, so notes do not change with it."""

    version: str = ""
    report: str = ""
    """Address of a report, with `{id}` and `{release}` where the card's id and `version` go; no link when empty."""

    @property
    def report_link(self) -> str:
        """The address as it stands in an attribute of a template; Anki fills in the id."""
        return escape(self.report).replace("{release}", self.version).replace("{id}", "{{Id}}")


_DEFAULT = FaceOptions()


def faces(options: FaceOptions = _DEFAULT) -> tuple[Face, ...]:
    """One face per note type, in the order of `NoteType`, all with the same stylesheet."""
    environment = _environment()
    css = environment.get_template("card.css.j2").render(
        light=tokens.LIGHT, dark=tokens.DARK, sans=tokens.SANS, mono=tokens.MONO
    )
    template = environment.get_template("card.html.j2")

    def side(note_type: NoteType, name: str) -> str:
        return template.render(note_type=note_type.value, side=name, options=options)

    return tuple(Face(note_type=each, front=side(each, "front"), back=side(each, "back"), css=css) for each in NoteType)


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  (a remembered face never loads it)

    return Environment(
        loader=PackageLoader("build_deck.render", "templates"), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=False, variable_start_string="[[", variable_end_string="]]",
        block_start_string="[%", block_end_string="%]", comment_start_string="[#", comment_end_string="#]",
        autoescape=False,  # noqa: S701  (only our own constants go in; Anki fills the fields, which are HTML)
    )  # fmt: skip
