"""Commands: the only module that prints, and the only one that exits.

Exit status: 0 done, 2 faulty input, 3 verification failed, 4 cells cannot run here, 6 a fault of ours.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import click

from build_deck import __version__, build, run
from build_deck.bootstrap import SetupError
from build_deck.model.problem import Problem, Severity, errors
from build_deck.progress import bars

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
BAD_INPUT, NOT_VERIFIED, CANNOT_RUN = 2, 3, 4

_root = click.option(
    "--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT, help="Another checkout."
)
_install = click.option("--install", is_flag=True, help="Install the cell environments that stale cells need.")
_trust = click.option("--trust", is_flag=True, help="Run cells without the sandbox: you have read their code.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="proofdeck")
def main() -> None:
    """Answer files in, verified cells frozen, an Anki package out."""


@main.command("build")
@_install
@_trust
@_root
def build_command(root: Path, *, install: bool, trust: bool) -> None:
    """Run what is stale, render everything, leave dist/proofdeck-<version>.apkg."""
    began = time.perf_counter()
    with bars() as listener:
        summary, problems = _guarded(
            lambda: build.build(build.open_session(root, listener, install=install, trust=trust))
        )
    _report(problems)
    if summary is None:
        click.echo("nothing was published; an earlier package in dist/ is as it was", err=True)
        sys.exit(_status(problems))
    _say(summary, problems, root, time.perf_counter() - began)


@main.command("check")
@_root
def check_command(root: Path) -> None:
    """Report every problem of the answer files; build nothing."""
    with bars() as listener:
        session = build.open_session(root, listener)
        corpus, problems = build.load(session)
        session.memo.save()
    _report(problems)
    click.echo(f"{len(corpus.cards)} cards, {_count(problems)}")
    sys.exit(_status(problems))


@main.command("plan")
@_root
def plan_command(root: Path) -> None:
    """Say which cells and mutants would run, and why; run nothing."""
    with bars() as listener:
        session = build.open_session(root, listener)
        corpus, problems = build.load(session)
        planned = build.plan(session, corpus)
    _report((*problems, *planned.problems))
    for task in planned.stale:
        mutants = f", {len(task.mutants)} mutants" if task.mutants else ""
        click.echo(f"{task.process.card} [{task.process.name}]: {task.why or 'cells are fresh'}{mutants}")
    envs = ", ".join(planned.stale_envs) or "none"
    click.echo(f"{len(planned.stale)} of {len(planned.tasks)} processes are stale; environments needed: {envs}")
    sys.exit(_status((*problems, *planned.problems)))


@main.command("run")
@click.argument("cards", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Fresh cells too; their frozen outputs must come out again.")
@_install
@_trust
@_root
def run_command(cards: tuple[str, ...], root: Path, *, everything: bool, **may: bool) -> None:
    """Run new and changed cells and their mutants (of CARDS, or of the deck) and freeze what comes out."""
    _execute(root, cards, run.Policy(), everything=everything, **may)


@main.command("verify")
@click.argument("cards", nargs=-1)
@click.option("--accept", multiple=True, metavar="CARD", help="Freeze this card's new outputs in place of the old.")
@_install
@_trust
@_root
def verify_command(cards: tuple[str, ...], accept: tuple[str, ...], root: Path, **may: bool) -> None:
    """Execute everything again from nothing and judge it against the frozen outputs; overwrite nothing."""
    policy = run.Policy(record_new=False, accept=frozenset(accept))
    _execute(root, cards, policy, everything=True, **may)


def _execute(root: Path, cards: Iterable[str], policy: run.Policy, *, everything: bool, **may: bool) -> None:
    began = time.perf_counter()
    with bars() as listener:
        session = build.open_session(root, listener, **may)
        corpus, problems = build.load(session)
        unknown = sorted({*cards, *policy.accept} - {card.id for card in corpus.cards})
        if unknown:
            raise click.ClickException(f"no card has the id {', '.join(unknown)}")
        chosen = frozenset(cards)
        faulty = {problem.span.path for problem in errors(problems)}
        if faulty & {card.span.path for card in corpus.cards if not chosen or card.id in chosen}:
            _report(problems)
            sys.exit(BAD_INPUT)
        planned = build.plan(session, corpus, chosen, everything=everything)
        runs = _guarded(lambda: build.execute(session, planned, policy))
    _report(runs.problems)
    click.echo(
        f"{runs.cells} cells run, {runs.reused} reused · {_mutants(runs.mutants)} in this run · "
        f"{_count(runs.problems)} · {time.perf_counter() - began:.1f} s"
    )
    sys.exit(NOT_VERIFIED if errors(runs.problems) else 0)


def _guarded(work: Callable[[], T]) -> T:
    """The result of `work`; what the environment lacks becomes one line and an exit status, not a traceback."""
    try:
        return work()
    except SetupError as fault:
        click.echo(f"setup: {fault}", err=True)
    except run.SandboxError as fault:
        click.echo(f"cells cannot be sandboxed here: {fault} (--trust runs them unconfined)", err=True)
    except run.EngineError as fault:
        click.echo(f"cells cannot run here: {fault}", err=True)
    sys.exit(CANNOT_RUN)


def _report(problems: Iterable[Problem]) -> None:
    ordered = sorted(problems, key=lambda problem: (problem.span, problem.code, problem.text))
    for problem in ordered:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        text = str(problem).replace(problem.code, click.style(problem.code, fg=colour), 1)
        click.echo(text, err=True)


def _status(problems: tuple[Problem, ...]) -> int:
    found = errors(problems)
    if not found:
        return 0
    return NOT_VERIFIED if all(problem.code.startswith("R") for problem in found) else BAD_INPUT


def _count(problems: Iterable[Problem]) -> str:
    found = Counter(problem.severity for problem in problems)
    return f"{found[Severity.ERROR]} errors, {found[Severity.WARNING]} warnings"


def _mutants(counts: tuple[int, int]) -> str:
    return f"mutants killed {counts[0]}/{counts[1]}"


def _say(summary: build.Summary, problems: Iterable[Problem], root: Path, seconds: float) -> None:
    runs = summary.runs
    rows = (
        ("cards", f"{summary.cards} ({summary.notes} notes, {summary.figures} pictures)"),
        ("cells", f"{runs.cells} run, {runs.reused} reused from their records"),
        ("mutants", f"{summary.mutants[0]} of {summary.mutants[1]} killed"),
        ("problems", _count(problems)),
        ("package", f"{summary.package.relative_to(root)}, {summary.size / 1e6:.2f} MB"),
        ("time", f"{seconds:.1f} s"),
    )
    for name, value in rows:
        click.echo(f"  {name:<9} {value}")
    if not runs.cells:
        click.echo("No cell had to run: every output on the cards comes from a committed record (figures/).")
    click.echo("To execute everything again and compare: make verify")
