"""Commands about the whole deck: `build`, `check`, `plan`."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click

from build_deck import build
from build_deck.cli.say import count, install_option, root_option, status, tell, trust_option, working
from build_deck.model.problem import Problem
from build_deck.progress import bars
from build_deck.session import open_session


@click.command("build")
@install_option
@trust_option
@root_option
def build_command(root: Path, *, install: bool, trust: bool) -> None:
    """Run what is stale, render everything, leave dist/proofdeck-<version>.apkg."""
    began = time.perf_counter()
    with working(root, install=install, trust=trust) as session:
        summary, problems = build.build(session)
    tell(problems)
    if summary is None:
        click.echo("nothing was published; an earlier package in dist/ is as it was", err=True)
        sys.exit(status(problems))
    _say(summary, problems, root, time.perf_counter() - began)


@click.command("check")
@root_option
def check_command(root: Path) -> None:
    """Report every problem of the answer files; build nothing."""
    with bars() as listener:
        session = open_session(root, listener)
        corpus, problems = build.load(session)
        session.memo.save()
    tell(problems)
    click.echo(f"{len(corpus.cards)} cards, {count(problems)}")
    sys.exit(status(problems))


@click.command("plan")
@root_option
def plan_command(root: Path) -> None:
    """Say which cells and mutants would run, and why; run nothing."""
    with bars() as listener:
        session = open_session(root, listener)
        corpus, problems = build.load(session)
        planned = build.plan(session, corpus)
    tell((*problems, *planned.problems))
    for task in planned.stale:
        mutants = f", {len(task.mutants)} mutants" if task.mutants else ""
        click.echo(f"{task.process.card} [{task.process.name}]: {task.why or 'cells are fresh'}{mutants}")
    envs = ", ".join(planned.stale_envs) or "none"
    click.echo(f"{len(planned.stale)} of {len(planned.tasks)} processes are stale; environments needed: {envs}")
    sys.exit(status((*problems, *planned.problems)))


def _kb(size: float) -> str:
    return f"{size / 1e3:.0f} KB"


def _say(summary: build.Summary, problems: Iterable[Problem], root: Path, seconds: float) -> None:
    runs, weights = summary.runs, summary.weights or (0,)
    rows = (
        ("cards", f"{summary.cards} ({summary.notes} notes, {summary.figures} pictures)"),
        ("cells", f"{runs.cells} run, {runs.reused} reused from their records"),
        ("mutants", f"{summary.mutants[0]} of {summary.mutants[1]} killed"),
        ("problems", count(problems)),
        ("weight", f"{_kb(statistics.median(weights))} a card, {_kb(max(weights))} the heaviest"),
        ("package", f"{summary.package.relative_to(root)}, {summary.size / 1e6:.2f} MB"),
        ("time", f"{seconds:.1f} s"),
    )
    for name, value in rows:
        click.echo(f"  {name:<9} {value}")
    if not runs.cells:
        click.echo("No cell had to run: every output on the cards comes from a committed record (figures/).")
    click.echo("To execute everything again and compare: make verify")
