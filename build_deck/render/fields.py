"""One function per field of a note that holds prose; each returns HTML, empty when the card has nothing to say."""

from __future__ import annotations

from collections.abc import Mapping

from build_deck.model.card import Card, Cell, Diagram, Field, FollowUp, Label, Pitfall, Prose
from build_deck.model.note import Picture
from build_deck.render.evidence import Proof, cell_html
from build_deck.render.figures import diagram, drawn_by
from build_deck.render.inputs import CardInputs, Place
from build_deck.render.markdown import Typesetter
from build_deck.render.safe import escape
from build_deck.render.words import DEPTHS, KINDS, level_of


def question(card: Card, setter: Typesetter) -> str:
    """The question itself, inline where it is one paragraph."""
    return setter.inline(card.question)


def chips(place: Place, depth: int, kind: str) -> str:
    """Section, depth and kind, above the question."""
    names = (place.section_title, DEPTHS.get(depth, str(depth)), kind)
    return '<p class="chips">' + " · ".join(f"<span>{escape(name)}</span>" for name in names) + "</p>"


def kind_name(card: Card) -> str:
    """The kind in Chinese."""
    return KINDS[card.kind]


def parent_context(asked: str, answer: str) -> str:
    """A promoted follow-up's parent: the question that was just answered, and the answer folded."""
    if not answer:
        return f'<div class="parent"><p>{asked}</p></div>'
    fold = f"<details><summary>上一问的标准答</summary>{answer}</details>"
    return f'<div class="parent"><p>{asked}</p>{fold}</div>'


def answer(inputs: CardInputs, setter: Typesetter) -> str:
    """标准答; a retired card says so first."""
    text = _prose(inputs.card.labelled(Label.ANSWER), setter)
    return "\n".join(filter(None, (_retirement(inputs, setter), text)))


def detail(card: Card, proof: Proof, pictures: Mapping[str, Picture], setter: Typesetter) -> str:
    """展开 with its own cells and diagrams in place."""
    field = card.labelled(Label.DETAIL)
    parts: list[str] = []
    for block in field.blocks if field is not None else ():
        if isinstance(block, Diagram):
            parts.append(diagram(block, pictures, setter))
        elif isinstance(block, Cell):
            parts += [cell_html(block, proof, setter), drawn_by(block, proof.evidence, pictures, setter)]
        else:
            parts.append(setter.block(block))
    return "\n".join(filter(None, parts))


def follow_ups(card: Card, setter: Typesetter) -> str:
    """追问, each answer behind a tap."""
    return "\n".join(_follow_up(each, setter) for each in card.follow_ups)


def pitfalls(card: Card, setter: Typesetter) -> str:
    """坑位 as pairs of what is said and what is true."""
    return "\n".join(_pitfall(each, setter) for each in card.pitfalls)


def ask_backs(card: Card, setter: Typesetter) -> str:
    """反问点."""
    return _items(card.ask_backs, setter)


def references(card: Card, setter: Typesetter) -> str:
    """参考, one line each."""
    return _items(card.references, setter)


def meta(inputs: CardInputs, setter: Typesetter) -> str:
    """Related questions, then date, level and id in small print."""
    card = inputs.card
    known = [inputs.questions[key] for key in card.related if key in inputs.questions]
    related = "".join(f"<li>{setter.phrase(text)}</li>" for text in known)
    shelf = f'<div class="rel"><h2>相关</h2><ul>{related}</ul></div>\n' if related else ""
    return shelf + fine_print(card.id, card.asof, level_of(inputs.evidence))


def fine_print(identity: str | None, asof: str | None, level: str) -> str:
    """One line: how current, how far verified, which id to cite in a report."""
    facts = (f"截至 {asof}" if asof else "", level, identity or "还没有 id")
    return '<p class="fine">' + " · ".join(f"<span>{escape(fact)}</span>" for fact in facts if fact) + "</p>"


def _prose(field: Field | None, setter: Typesetter) -> str:
    blocks = field.blocks if field is not None else ()
    return "\n".join(setter.block(block) for block in blocks if isinstance(block, Prose))


def _retirement(inputs: CardInputs, setter: Typesetter) -> str:
    card = inputs.card
    if card.retired is None:
        return ""
    instead = setter.phrase(inputs.questions.get(card.use or "", card.use or ""))
    pointer = f"，请改用：{instead}" if instead else ""
    return f'<p class="retired">此题自 {escape(card.retired)} 版起退役{pointer}</p>'


def _follow_up(each: FollowUp, setter: Typesetter) -> str:
    asked = setter.inline(each.question)
    if each.answer is None:
        return f'<p class="fu">{asked}</p>'
    return f'<details class="fu"><summary>{asked}</summary>{setter.block(each.answer)}</details>'


def _pitfall(each: Pitfall, setter: Typesetter) -> str:
    right = setter.block(each.right)
    if each.wrong is None:
        return f'<div class="pit">{right}</div>'
    wrong = setter.block(each.wrong)
    return (
        f'<div class="pit"><div class="no"><b>错</b>{wrong}</div>'
        f'<div class="yes"><b>对</b>{right}</div></div>'
    )  # fmt: skip


def _items(items: tuple[Prose, ...], setter: Typesetter) -> str:
    if len(items) == 1:
        return setter.block(items[0])
    return "<ul>" + "".join(f"<li>{setter.inline(item)}</li>" for item in items) + "</ul>" if items else ""
