"""Commands that execute cells: `run`, `verify`, and `merge` for records made in shards."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click
from click.core import ParameterSource

from build_deck import execution, run
from build_deck.cli.bundle import Need, export_cells, import_records
from build_deck.cli.journal import Journal, Reporting, json_option
from build_deck.cli.say import count, install_option, root_option, sound, status, tell, trust_option, working


class Shard(click.ParamType[tuple[int, int]]):
    """`i/n`, both counting from 1."""

    name = "i/n"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """The two numbers; a usage error for anything else."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d+)/(\d+)", value)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            self.fail(f"{value} is no shard; 2/3 is the second of three", param, ctx)
        return int(found[1]), int(found[2])


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_cards = click.argument("cards", nargs=-1)
_shard = click.option("--shard", type=Shard(), help="Only this part of the deck, such as 2/3.")
_cluster = click.option("--cluster", default="", metavar="ADDRESS", help="Spread over a Dask cluster, tcp://host:8786.")
_ELSEWHERE = {"need": {"cards", "everything"}, "records": set[str]()}
"""What goes with the options that run nothing, besides the report and the checkout."""


@click.command("run", cls=Reporting)
@_cards
@click.option("--all", "everything", is_flag=True, help="Fresh cells too; their frozen outputs must come out again.")
@_shard
@_cluster
@json_option
@install_option
@trust_option
@root_option
@click.option("--export-cells", "need", type=Need(), help="Run nothing; print a file that runs these elsewhere.")
@click.option("--import-records", "records", type=_FILE, help="Run nothing; freeze what such a file has written.")
@click.pass_context
def run_command(
    ctx: click.Context, /, cards: tuple[str, ...], root: Path, need: str | None, records: Path | None, **options: object
) -> None:
    """Run new and changed cells and their mutants (of CARDS, or of the deck) and freeze what comes out."""
    _refuse_what_is_ignored(ctx)
    if records is not None:
        import_records(root, records, ctx.obj)
    if need is not None:
        export_cells(root, need, cards, ctx.obj, everything=bool(options["everything"]))
    _execute(root, ctx.obj, cards, run.Policy(renew=bool(options["everything"])), options)


@click.command("verify", cls=Reporting)
@_cards
@click.option("--accept", multiple=True, metavar="CARD", help="Verify this card; its new outputs replace the old.")
@click.option("--mutate", flag_value="some", default="", help="Also try mutants of our own, a minute of each card.")
@click.option("--mutate-all", "mutate", flag_value="all", help="The same with all that can be made, whatever it takes.")
@_shard
@_cluster
@json_option
@install_option
@trust_option
@root_option
@click.pass_obj
def verify_command(
    journal: Journal, /, cards: tuple[str, ...], accept: tuple[str, ...], root: Path, **options: object
) -> None:
    """Execute everything again from nothing and judge it against the frozen outputs; overwrite nothing."""
    others = ", ".join(sorted(set(accept) - set(cards)))
    if cards and others:
        raise click.UsageError(f"--accept {others}: only what is verified can be accepted, here {', '.join(cards)}")
    if accept and options["shard"]:
        raise click.UsageError("--accept does not go together with --shard: the card may lie in another one")
    policy = run.Policy(record_new=False, accept=frozenset(accept))
    _execute(root, journal, cards or accept, policy, {**options, "everything": True})


@click.command("merge")
@click.argument("shards", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@root_option
def merge_command(shards: tuple[Path, ...], root: Path) -> None:
    """Take over the records that `run --shard` made in other checkouts (SHARDS) of this same tree."""
    with working(root) as session:
        corpus, _ = sound(session)
        merged = execution.merge(session, corpus, shards)
    tell(merged.problems)
    click.echo(f"{len(merged.cards)} cards taken over from {len(shards)} shards · {count(merged.problems)}")
    sys.exit(status(merged.problems))


def _refuse_what_is_ignored(ctx: click.Context) -> None:
    """Options that would change nothing, beside one that runs nothing, are a misunderstanding. Raises UsageError."""
    given = [each for each in ctx.command.params if _given(ctx, each)]
    for mode in (each for each in given if each.name in _ELSEWHERE):
        known = {mode.name, "root", "report", *_ELSEWHERE[mode.name or ""]}
        ignored = ", ".join(each.opts[0] if isinstance(each, click.Option) else "CARDS" for each in given
                            if each.name not in known)  # fmt: skip
        if ignored:
            raise click.UsageError(f"{mode.opts[0]} does not go together with {ignored}")
        if mode.name == "need" and ctx.obj.on_stdout:
            raise click.UsageError("the exported file goes to standard output, so that the report cannot")


def _given(ctx: click.Context, each: click.Parameter) -> bool:
    return ctx.get_parameter_source(each.name or "") is ParameterSource.COMMANDLINE and bool(ctx.params.get(each.name))


def _execute(
    root: Path, journal: Journal, cards: tuple[str, ...], policy: run.Policy, options: dict[str, object]
) -> None:
    began = time.perf_counter()
    may = {name: bool(options.pop(name)) for name in ("install", "trust")}
    wish = execution.Wish(cards=frozenset(cards), policy=policy, **options)  # type: ignore[arg-type]
    with working(root, **may) as session:
        corpus, noticed = sound(session, wish.cards, policy.accept)
        account = execution.execute(session, corpus, wish)
    ended = status(account.problems)
    journal.write(account, noticed, ended)
    _say(account, time.perf_counter() - began)
    sys.exit(ended)


def _say(account: execution.Account, seconds: float) -> None:
    tell(account.problems)
    for survey in account.surveys:
        for each in survey.survivors:
            seen = "its output changes" if each.visible else "nothing changes"
            click.echo(f"{each.span}: survivor ({each.kind}; {seen}): {each.before} → {each.after}")
    for left_out in account.unsurveyed:
        cell = f", cell {left_out.cell}" if left_out.cell else ""
        click.echo(f"not surveyed: {left_out.card}{cell} ({left_out.why})")
    if account.surveys:
        _say_slips(account.surveys)
    (killed, tried), (failed, stubs) = account.mutants, account.stubs
    katas = f", stubs failed {failed}/{stubs}" if stubs else ""
    click.echo(
        f"{account.cells} cells run, {account.reused} reused · mutants killed {killed}/{tried}{katas} in this run · "
        f"{count(account.problems)} · {seconds:.1f} s"
    )
    for line in run.in_words(account.believed):
        click.echo(line)


def _say_slips(surveys: Iterable[run.Survey]) -> None:
    counts = [(each.tried, each.possible, each.killed, each.crashed, len(each.survivors)) for each in surveys]
    tried, possible, killed, crashed, alive = map(sum, zip(*counts, strict=True))
    click.echo(
        f"our own mutants: {tried} of {possible} possible slips tried: "
        f"{killed} killed, {crashed} crashed, {alive} survive"
    )
