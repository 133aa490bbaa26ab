"""`verify` and `run` beyond the plain case: shards and their merge, reports for machines, mutants of our own."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from build_deck import bootstrap
from build_deck.run.record import dump as dump_record
from build_deck.run.record import load as read_record
from tests.build.conftest import Checkout
from tests.small_checkout import TABLE

pytestmark = pytest.mark.cells


def test_shards_run_the_deck_between_them_and_merge(checkout: Checkout, tmp_path: Path) -> None:
    parts = [replace(checkout, root=tmp_path / f"part-{number}") for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        shutil.copytree(checkout.root, part.root, symlinks=True)
        assert part.do("run", "--shard", f"{number}/2").exit_code == 0
    held = [{path.name for path in (part.root / "figures").iterdir()} for part in parts]
    assert held[0] | held[1] == {"scale", "shape"}
    assert not held[0] & held[1]
    result = checkout.do("merge", *(str(part.root) for part in parts))
    assert result.exit_code == 0, result.output
    assert "2 cards taken over from 2 shards" in result.stdout
    assert "0 of 2 processes are stale" in checkout.do("plan").stdout


def test_run_all_renews_what_a_record_of_an_earlier_version_does_not_say(checkout: Checkout) -> None:
    assert checkout.do("run", "shape").exit_code == 0
    path = checkout.root / "figures" / "shape" / "record.json"
    today = read_record(path.read_text(encoding="utf-8"), "shape")
    poor = {name: replace(each, toolchain=replace(each.toolchain, cpu="")) for name, each in today.cells.items()}
    path.write_text(dump_record(replace(today, cells=poor)), encoding="utf-8")
    before = path.read_bytes()
    for command in (("run", "shape"), ("verify", "shape")):
        assert checkout.do(*command).exit_code == 0
        assert path.read_bytes() == before
    assert checkout.do("run", "--all", "shape").exit_code == 0
    assert read_record(path.read_text(encoding="utf-8"), "shape") == today


@pytest.mark.parametrize("shard", ["0/2", "3/2", "2", "a/b"])
def test_a_shard_that_is_none_is_a_usage_error(checkout: Checkout, shard: str) -> None:
    result = checkout.do("verify", "--shard", shard)
    assert result.exit_code == 2
    assert "2/3 is the second of three" in result.stderr


def test_the_report_holds_what_ran_and_what_is_wrong(checkout: Checkout, tmp_path: Path) -> None:
    checkout.do("run")
    checkout.replace("assert 0.9 < ratio < 1.1", "assert 0.9 < ratio < 1.1 and False")
    report = tmp_path / "report.json"
    assert checkout.do("verify", "--json", str(report)).exit_code == 3
    data = json.loads(report.read_text(encoding="utf-8"))
    cells = {cell["cell"]: cell["status"] for process in data["processes"] for cell in process["cells"]}
    assert cells == {"variance": "failed", "count": "ok"}
    assert data["mutants"] == {"killed": 1, "tried": 1}
    (problem,) = (each for each in data["problems"] if each["severity"] == "error")
    assert (problem["code"], problem["line"]) == ("R001", checkout.line_of("and False"))
    assert (data["status"], data["reason"]) == (3, "")


def test_our_own_mutants_find_a_missing_assert(checkout: Checkout) -> None:
    checkout.replace(
        'print(f"每头 {width // heads} 维")\n', 'spare = width * 3\nprint(f"每头 {width // heads} 维，备用 {spare}")\n'
    )
    checkout.do("run")
    result = checkout.do("verify", "shape", "--mutate")
    assert result.exit_code == 0, result.output
    assert re.search(r"our own mutants: (\d+) of \1 possible slips tried: \d+ killed, .* survive", result.stdout)
    assert "our own mutants: " in checkout.do("verify", "--mutate-all", "shape").stdout
    # the claim itself is asserted: none of its mutants lives
    asserted = checkout.line_of("assert heads * (width // heads) == width")
    assert f"scale.md:{asserted}:" not in result.stdout


def test_what_does_not_hold_is_not_surveyed_and_named(checkout: Checkout) -> None:
    report = checkout.root / "report.json"
    assert checkout.do("run", "shape").exit_code == 0
    checkout.replace("heads, width = 4, 32", "heads, width = 8, 32")
    told = checkout.do("verify", "--mutate", "--json", str(report)).stdout
    assert "not surveyed: scale (no record of this code: variance has no sound record)" in told
    assert "not surveyed: shape (no record of this code: count changed)" in told
    data = json.loads(report.read_text(encoding="utf-8"))
    assert ([each["card"] for each in data["unsurveyed"]], data["surveys"]) == (["scale", "shape"], [])
    checkout.replace('print(f"每头 {width // heads} 维")', "import time; print(time.time_ns() // 1000)")
    assert checkout.do("run", "shape").exit_code == 0
    told = checkout.do("verify", "shape", "--mutate").stdout
    assert "not surveyed: shape (it says something else than what is frozen)" in told
    assert "our own mutants" not in told


KATA = """
3) 手写求和？ {#total kind=kata}

- 标准答：逐个相加。
- 代码：手写。

```python {#total-stub .stub}
def total(x):
    raise NotImplementedError
```
```python {#total-solution .solution}
def total(x):
    return sum(x)
```
```python {#total-tests .tests}
def test_two():
    assert total([1, 2]) == 3
```
```diff {.mutant of=total-solution name="少一个"}
- sum(x)
+ sum(x[1:])
```
"""


def test_build_and_verify_count_the_same_mutants_and_a_stub_is_none(checkout: Checkout) -> None:
    checkout.cards.write_text(checkout.cards.read_text(encoding="utf-8") + KATA, encoding="utf-8")
    built = checkout.do("build").stdout
    assert "4 run, 0 reused" in built
    assert "mutants   3 of 3 killed" in built
    report = checkout.root / "report.json"
    told = checkout.do("verify", "--json", str(report)).stdout
    assert "4 cells run, 0 reused · mutants killed 3/3, stubs failed 1/1 in this run" in told
    data = json.loads(report.read_text(encoding="utf-8"))
    assert (data["mutants"], data["stubs"]) == ({"killed": 3, "tried": 3}, {"failed": 1, "tried": 1})


def test_verify_says_what_it_did_not_execute(checkout: Checkout) -> None:
    """As on a machine without vLLM: the record is of one that had it."""
    checkout.replace("```python {#count}", "```python {#count env=vllm}")
    envs = checkout.root / ".envs"
    target = envs.readlink()
    envs.unlink()
    (envs / "vllm").mkdir(parents=True)
    (envs / "core").symlink_to(target / "core")
    bootstrap_as(envs / "vllm", "vllm", target / "core", checkout.root)
    result = checkout.do("run", "--trust")  # the sandbox does not show what the links lead to
    assert result.exit_code == 0, result.output
    shutil.rmtree(envs / "vllm")
    assert "believed" not in checkout.do("run").stdout
    report = checkout.root / "report.json"
    told = checkout.do("verify", "--json", str(report))
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[-1] == (
        "1 cells and 1 mutants believed from their records, not executed here (environment vllm): shape"
    )
    (believed,) = json.loads(report.read_text(encoding="utf-8"))["believed"]
    assert (believed["card"], believed["lacking"], believed["cells"]) == ("shape", "environment vllm", 1)
    assert "believed" not in checkout.do("verify", "scale").stdout


def bootstrap_as(folder: Path, env: str, like: Path, root: Path) -> None:
    """An environment by the name of `env` that is another one, with the stamp of one that holds what is asked for."""
    for path in like.iterdir():
        if not path.name.endswith(".stamp"):
            (folder / path.name).symlink_to(path)
    files = bootstrap.cell_requirement_files(env, root)
    (folder / f".{env}.stamp").write_text(hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest())


def test_an_error_anywhere_stops_a_verification_of_the_whole_deck(checkout: Checkout) -> None:
    checkout.do("run")
    other = checkout.root / "source" / "transformer" / "other.md"
    other.write_bytes("# 别的\n\n1) 乱码\xff？ {#other}\n".encode("latin-1", "replace"))
    report = checkout.root / "report.json"
    for command in ("verify", "run"):
        result = checkout.do(command, "--json", str(report))
        assert result.exit_code == 2
        assert "source/transformer/other.md:3:" in result.stderr
        data = json.loads(report.read_text(encoding="utf-8"))
        assert (data["status"], "P001" in {each["code"] for each in data["problems"]}) == (2, True)
    named = checkout.do("verify", "shape")
    assert named.exit_code == 0, named.output
    assert "source/transformer/other.md:3:" in named.stderr


@pytest.mark.parametrize(
    ("path", "text", "code", "named"),
    [
        ("source/stray.md", "# 迷路\n", "P004", 0),
        ("source/transformer/empty.md", "\x00", "P002", 0),
        ("source/deck.yaml", TABLE + "    title: 又一个\n", "P103", 2),
    ],
)
def test_what_is_in_no_card_stops_it_too(checkout: Checkout, path: str, text: str, code: str, named: int) -> None:
    assert checkout.do("run").exit_code == 0
    (checkout.root / path).write_text(text, encoding="utf-8")
    for command in (("verify",), ("run",)):
        result = checkout.do(*command)
        assert (result.exit_code, code in result.stderr) == (2, True), result.output
    result = checkout.do("verify", "shape")
    assert (result.exit_code, code in result.stderr) == (named, True), result.output


@pytest.mark.parametrize(
    ("table", "code"),
    [(None, "P101"), ("sections: [", "P101"), ("", "P102"), ("sections: []\n", "R018"), ("sections: 7\n", "P102")],
)
def test_a_deck_that_cannot_be_read_is_never_green(checkout: Checkout, table: str | None, code: str) -> None:
    path = checkout.root / "source" / "deck.yaml"
    path.unlink() if table is None else path.write_text(table, encoding="utf-8")
    if code == "R018":
        checkout.cards.unlink()
    for command in (("verify",), ("run",), ("verify", "shape"), ("merge", str(checkout.root))):
        result = checkout.do(*command)
        assert result.exit_code == 2, result.output
        assert code in result.stderr or "no card has the id shape" in result.stderr
        assert "Traceback" not in result.output


def test_a_checkout_without_answers_is_never_green(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / "source")
    for command in ("verify", "run", "build"):
        assert checkout.do(command).exit_code == 2
