"""What all commands share: common options, the checkout they work in, how problems are printed and what they mean."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import click

from build_deck import build
from build_deck.cli.exits import RefusedError, Status
from build_deck.lock import locked
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem, Severity, errors
from build_deck.model.span import Span
from build_deck.progress import bars
from build_deck.session import Session, open_session
from build_deck.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
TABLE = "source/deck.yaml"
INPUT = frozenset({"R002", "R007", "R011", "R017", "R018"})
"""Faults of answer files that only the stage `run` sees: nothing was run, so nothing failed to be verified."""
MISSING = "R010"

root_option = click.option(
    "--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT, help="Another checkout."
)
install_option = click.option("--install", is_flag=True, help="Install the cell environments that stale cells need.")
trust_option = click.option("--trust", is_flag=True, help="Run cells without the sandbox: you have read their code.")


@contextlib.contextmanager
def working(root: Path, *, install: bool = False, trust: bool = False) -> Iterator[Session]:
    """A session that is alone in its checkout, as one that writes records and packages must be. Raises LockedError."""
    with alone(root, "lock"), bars() as listener:
        yield open_session(root, listener, install=install, trust=trust)


def alone(root: Path, name: str, *, patient: bool = False) -> contextlib.AbstractContextManager[None]:
    """One of the checkout's locks, held by the command that runs."""
    command = click.get_current_context().command_path
    return locked(Workspace(root).build / name, command, patient=patient)


def tell(problems: Iterable[Problem]) -> None:
    """Print every problem, in the order of the files, on standard error."""
    for problem in sorted(problems, key=lambda problem: (problem.span, problem.code, problem.text)):
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        click.echo(str(problem).replace(problem.code, click.style(problem.code, fg=colour), 1), err=True)


def sound(
    session: Session, cards: Collection[str] = (), named: Collection[str] = ()
) -> tuple[Corpus, tuple[Problem, ...]]:
    """The deck and all that parse and check find in it, which is told.

    Raises RefusedError for an error in the files of `cards`, or in the whole deck without `cards`, and for a deck
    without a card; UsageError when one of these or of those `named` does not exist.
    """
    corpus, problems = build.load(session)
    tell(problems)
    files = {TABLE, *(card.span.path for card in corpus.cards if card.id in cards)}
    if any(not cards or problem.span.path in files for problem in errors(problems)):
        raise RefusedError(problems)
    unknown = sorted({*cards, *named} - {card.id for card in corpus.cards})
    if unknown:
        raise click.UsageError(f"no card has the id {', '.join(unknown)}")
    if not corpus.cards:
        empty = Problem(code="R018", span=Span("source", 1), text="the deck has no card, so there is nothing to run")
        tell([empty])
        raise RefusedError((*problems, empty))
    return corpus, problems


def status(problems: tuple[Problem, ...]) -> Status:
    """The exit status that these problems mean: the gravest of them."""
    codes = {problem.code for problem in errors(problems)}
    if not codes:
        return Status.DONE
    if any(code in INPUT or not code.startswith("R") for code in codes):
        return Status.FAULTY_INPUT
    return Status.CANNOT_RUN if codes == {MISSING} else Status.NOT_VERIFIED


def count(problems: Iterable[Problem]) -> str:
    """How many problems of each severity, in words."""
    found = Counter(problem.severity for problem in problems)
    return f"{found[Severity.ERROR]} errors, {found[Severity.WARNING]} warnings"
