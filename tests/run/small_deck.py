"""A small deck built from records, and what running it did."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from build_deck import run
from build_deck.model.card import Card, Cell, CellPart, Field, Kind, Label, Mutant, Part, Prose, Role
from build_deck.model.corpus import Corpus, Topic
from build_deck.model.problem import Problem
from build_deck.model.span import Span
from build_deck.run.schedule import EnginePool

PATH = "source/demo/topic.md"


def cell(name: str, source: str, line: int = 10, **attributes: Any) -> Cell:
    role = attributes.pop("role", Role.CELL)
    parts = (CellPart(part=Part.SHOW, source=source),)
    language = attributes.pop("language", "python")
    return Cell(id=name, language=language, role=role, source=source, span=Span(PATH, line), parts=parts, **attributes)


def mutant(of: str, old: str, new: str, name: str = "mutant") -> Mutant:
    return Mutant(of=of, name=name, old=old, new=new, span=Span(PATH, 99))


def card(name: str, *cells: Cell, mutants: tuple[Mutant, ...] = ()) -> Card:
    span = Span(PATH, 1)
    question = Prose(text="?", span=span, origins=((1, 1),))
    code = Field(label=Label.CODE, span=span, blocks=cells)
    kind = Kind.KATA if any(each.role is Role.STUB for each in cells) else Kind.CONCEPT
    return Card(
        id=name, number=1, question=question, span=span, topic="demo/topic", digest="", kind=kind,
        fields=(code,), mutants=mutants,
    )  # fmt: skip


def corpus(*cards: Card) -> Corpus:
    topic = Topic(id="demo/topic", section="demo", title="", span=Span(PATH, 1), cards=cards)
    return Corpus(sections=(), topics=(topic,))


@dataclass(frozen=True)
class Result:
    """What one `run` did."""

    problems: tuple[Problem, ...]
    cells: int
    mutants: tuple[int, int]
    stubs: tuple[int, int]
    wrote: bool

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]


@dataclass(frozen=True)
class Deck:
    """A root in a temporary folder and the engines that run its cells."""

    ground: run.Ground
    pool: EnginePool

    def run(self, *cards: Card, everything: bool = False, policy: run.Policy | None = None, workers: int = 1) -> Result:
        planned = run.plan(corpus(*cards), self.ground, everything=everything)
        options = run.Options(policy=policy or run.Policy(), pool=self.pool, workers=workers)
        ended = [each for each in run.execute(planned, self.ground, options) if isinstance(each, run.Finished)]
        problems = (*planned.problems, *(problem for each in ended for problem in each.problems))
        mutants = (sum(each.mutants[0] for each in ended), sum(each.mutants[1] for each in ended))
        stubs = (sum(each.stubs[0] for each in ended), sum(each.stubs[1] for each in ended))
        return Result(problems, sum(each.cells for each in ended), mutants, stubs, any(each.wrote for each in ended))

    def verify(self, *cards: Card, accept: tuple[str, ...] = ()) -> Result:
        policy = run.Policy(record_new=False, accept=frozenset(accept))
        return self.run(*cards, everything=True, policy=policy)

    def file(self, name: str) -> Path:
        return self.ground.root / "figures" / name

    def at(self, root: Path) -> Deck:
        """The same deck in another checkout, where nothing has run."""
        shutil.copytree(self.ground.root / "requirements", root / "requirements")
        return Deck(run.Ground.at(root, self.ground.envs), self.pool)


def frozen(root: Path) -> dict[str, bytes]:
    """Every frozen file, without the times in the records and what depends on them."""
    found = {}
    for path in sorted((root / "figures").rglob("*.*")):
        data = path.read_bytes()
        if path.name == "record.json":
            body = json.loads(data)
            body.pop("digest")
            for each in body["cells"].values():
                each["seconds"] = each["peak_mib"] = 0
            data = json.dumps(body, sort_keys=True).encode()
        found[path.relative_to(root).as_posix()] = data
    return found


def carry_out(deck: Deck, planned: run.Plan, options: run.Options) -> list[run.Finished]:
    return [each for each in run.execute(planned, deck.ground, options) if isinstance(each, run.Finished)]


def several_environments(deck: Deck, folder: Path) -> Deck:
    """The same deck with two more environments, `other` and `third`, that are the first under other names."""
    envs, more = folder / "envs", ("other", "third")
    envs.mkdir()
    for name in ("core", *more):
        (envs / name).symlink_to(deck.ground.envs / "core")
    requirements = {**deck.ground.requirements, **dict(zip(more, more, strict=True))}
    return Deck(replace(deck.ground, envs=envs, requirements=requirements), deck.pool)
