"""The pages people read: both READMEs say the same, links lead somewhere, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from build_deck.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/running.md")]


def shape(page: str) -> list[str]:
    """What does not depend on the language: heading levels, code, table rows, picture sources, numbers in tables."""
    text = (ROOT / page).read_text(encoding="utf-8")
    marks: list[str] = []
    for block in re.findall(r"(?ms)^#+ |^```\w*$|^\|.*?\|$|<img src=\"[^\"]+\"|^- ", text):
        row = re.fullmatch(r"\|.*\|", block)
        marks.append(f"row of {block.count('|') - 1}" if row else block.strip())
    return marks


def test_both_readmes_have_the_same_shape() -> None:
    assert shape("README.md") == shape("README.zh-CN.md")


def test_both_readmes_show_the_same_measurements() -> None:
    tables = []
    for page in ("README.md", "README.zh-CN.md"):
        measured = (ROOT / page).read_text(encoding="utf-8").split("<!-- bench -->")[1].split("<!--")[0]
        rows = [line for line in measured.splitlines() if line.startswith("|")]
        tables.append([re.findall(r"\d[\d.,]*\d|\d", row) for row in rows])
    assert tables[0] == tables[1]
    assert len(tables[0]) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_and_pictures_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)\)", text) + re.findall(r'src="(?!\w+:)([^"]+)"', text)
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing, missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = set(re.findall(r"(?m)(?:`|^)make ([a-z]+)\b", text))
    assert named
    assert named <= targets, named - targets
    options = set(re.findall(r"python -m build_deck (\w+)", text))
    assert options <= set(main.commands), options - set(main.commands)


def test_options_that_the_manual_names_exist() -> None:
    options = {name for command in main.commands.values() for each in command.params for name in each.opts}
    named = set(re.findall(r"(?<!-)--[a-z][a-z-]+", (ROOT / "docs" / "running.md").read_text(encoding="utf-8")))
    assert {"--shard", "--cluster", "--mutate", "--json", "--accept"} <= named <= options, named - options


def test_every_command_says_what_it_does() -> None:
    for name in main.commands:
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0
        assert len(shown.output.split("Options:")[0].split()) > 8, name


def test_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"(?m)^\.PHONY: (.*)$", text)[1].split())  # type: ignore[index]
    assert targets == set(re.findall(r"(?m)^([a-z-]+):.*## ", text))
