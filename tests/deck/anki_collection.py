"""The real Anki without a window: import a package into a throw-away collection and look at what arrived."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.consts import QUEUE_TYPE_SUSPENDED

from build_deck.model.note import FIELDS

_UNFILLED = re.compile(r"\{\{[#^/]?\s*(?:[\w-]+:)*(?:" + "|".join((*FIELDS, "FrontSide", "Tags", "Deck")) + r")\s*\}\}")
_INVISIBLE = re.compile(r"<style>.*?</style>|<script.*?</script>|<!--.*?-->|<(?!img|svg)[^>]*>|\s", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """How many notes an import found to be what."""

    new: int = 0
    updated: int = 0
    duplicate: int = 0
    conflicting: int = 0


@contextmanager
def opened(folder: Path) -> Iterator[Collection]:
    """The collection in `folder`, made when there is none, closed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    collection = Collection(str(folder / "collection.anki2"))
    try:
        yield collection
    finally:
        collection.close()


def bring(folder: Path, package: Path) -> Arrival:
    """Import `package` into the collection in `folder` as the default dialog does."""
    # what an import changes is cached by a collection that was open before: open it afresh each time
    with opened(folder) as collection:
        options = ImportAnkiPackageOptions(merge_notetypes=False, with_scheduling=False, with_deck_configs=False)
        request = ImportAnkiPackageRequest(package_path=str(package.resolve()), options=options)
        log = collection.import_anki_package(request).log
        return Arrival(
            new=len(log.new),
            updated=len(log.updated),
            duplicate=len(log.duplicate) + len(log.first_field_match),
            conflicting=len(log.conflicting)
            + len(log.missing_notetype)
            + len(log.missing_deck)
            + len(log.empty_first_field),
        )


def faults(collection: Collection) -> list[str]:
    """Everything Anki itself or a look at the rendered cards finds wrong."""
    found = []
    media = collection.media.check()
    found += [f"missing media: {name}" for name in media.missing]
    found += [f"unused media: {name}" for name in media.unused]
    report, sound = collection.fix_integrity()
    if not sound:
        found.append(f"integrity: {report}")
    found += [f"empty cards: {item.note_id}" for item in collection.get_empty_cards().notes]
    for note_id in collection.find_notes(""):
        note = collection.get_note(note_id)
        cards = note.cards()
        if len(cards) != 1:
            found.append(f"{note['Id']} has {len(cards)} cards")
        for card in cards:
            found += [f"{note['Id']}: {fault}" for fault in side_faults(card.question(), card.answer())]
    return found


def side_faults(question: str, answer: str) -> Iterator[str]:
    """What is wrong with a card's two sides as Anki renders them."""
    for side, html in (("question", question), ("answer", answer)):
        if not _INVISIBLE.sub("", html):
            yield f"the {side} is empty"
        if slot := _UNFILLED.search(html):
            yield f"the {side} has an unfilled {slot[0]}"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What a learner would be sorry to lose."""

    interval: int
    reps: int
    due: int
    kind: int
    queue: int
    flag: int
    deck: int
    reviews: tuple[tuple[int, ...], ...]


def study(collection: Collection, name: str) -> Progress:
    """Review the card of note `name` once (Easy), flag and suspend it; what Anki then knows of it."""
    (card_id,) = collection.find_cards(f"Id:{name}")
    card = collection.get_card(card_id)
    card.start_timer()
    collection.sched.answerCard(card, 4)
    collection.set_user_flag_for_cards(3, [card_id])
    collection.sched.suspend_cards([card_id])
    after = progress(collection, name)
    assert after.reps == 1
    assert after.interval > 0
    assert after.queue == QUEUE_TYPE_SUSPENDED
    return after


def progress(collection: Collection, name: str) -> Progress:
    """The scheduling of the one card of note `name`."""
    (card_id,) = collection.find_cards(f"Id:{name}")
    card = collection.get_card(card_id)
    rows = collection.db.all("select id, ease, ivl, lastIvl, factor, time, type from revlog where cid = ?", card_id)
    return Progress(
        interval=card.ivl,
        reps=card.reps,
        due=card.due,
        kind=card.type,
        queue=card.queue,
        flag=card.user_flag(),
        deck=card.did,
        reviews=tuple(map(tuple, rows)),
    )


def texts(collection: Collection, field: str) -> dict[str, str]:
    """That field of every note, by the note's id."""
    notes = (collection.get_note(note_id) for note_id in collection.find_notes(""))
    return {note["Id"]: note[field] for note in notes}
