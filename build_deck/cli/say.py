"""What all commands share: their common options, how problems are printed, which exit status they mean."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TypeVar

import click

from build_deck import build, run
from build_deck.bootstrap import SetupError
from build_deck.model.corpus import Corpus
from build_deck.model.problem import Problem, Severity, errors
from build_deck.session import Session

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
BAD_INPUT, NOT_VERIFIED, CANNOT_RUN = 2, 3, 4

root_option = click.option(
    "--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT, help="Another checkout."
)
install_option = click.option("--install", is_flag=True, help="Install the cell environments that stale cells need.")
trust_option = click.option("--trust", is_flag=True, help="Run cells without the sandbox: you have read their code.")


def guarded(work: Callable[[], T]) -> T:
    """The result of `work`; what the environment lacks becomes one line and an exit status, not a traceback."""
    try:
        return work()
    except SetupError as fault:
        click.echo(f"setup: {fault}", err=True)
    except run.ClusterError as fault:
        click.echo(f"cluster: {fault}", err=True)
    except run.SandboxError as fault:
        click.echo(f"cells cannot be sandboxed here: {fault} (--trust runs them unconfined)", err=True)
    except run.EngineError as fault:
        click.echo(f"cells cannot run here: {fault}", err=True)
    sys.exit(CANNOT_RUN)


def tell(problems: Iterable[Problem]) -> None:
    """Print every problem, in the order of the files, on standard error."""
    for problem in sorted(problems, key=lambda problem: (problem.span, problem.code, problem.text)):
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        click.echo(str(problem).replace(problem.code, click.style(problem.code, fg=colour), 1), err=True)


def sound(session: Session, cards: Collection[str] = (), named: Collection[str] = ()) -> Corpus:
    """The deck, if `cards` (or all of it) have no error; otherwise everything is told and we exit, as when one of
    these or of those `named` does not exist.
    """
    corpus, problems = build.load(session)
    unknown = sorted({*cards, *named} - {card.id for card in corpus.cards})
    if unknown:
        raise click.ClickException(f"no card has the id {', '.join(unknown)}")
    faulty = {problem.span.path for problem in errors(problems)}
    if faulty & {card.span.path for card in corpus.cards if not cards or card.id in cards}:
        tell(problems)
        sys.exit(BAD_INPUT)
    return corpus


def status(problems: tuple[Problem, ...]) -> int:
    """The exit status that these problems mean."""
    found = errors(problems)
    if not found:
        return 0
    return NOT_VERIFIED if all(problem.code.startswith("R") for problem in found) else BAD_INPUT


def count(problems: Iterable[Problem]) -> str:
    """How many problems of each severity, in words."""
    found = Counter(problem.severity for problem in problems)
    return f"{found[Severity.ERROR]} errors, {found[Severity.WARNING]} warnings"
