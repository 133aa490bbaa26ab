"""Settings from whatever is stored, words in both languages, and what Anki's own config editor is told."""

from __future__ import annotations

import json
import re
import string
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as any_
from staged import Core


def test_the_defaults_are_those_of_the_file_and_fit_the_schema(core: Core, addon: Path) -> None:
    defaults = json.loads((addon / "config.json").read_text("utf-8"))
    schema = json.loads((addon / "config.schema.json").read_text("utf-8"))
    jsonschema.validate(defaults, schema)
    assert core.settings.read(defaults) == core.settings.read({}) == core.settings.read(None)
    assert set(defaults) == set(schema["properties"]) == set(core.settings.Settings.__dataclass_fields__)
    told = (addon / "config.md").read_text("utf-8")
    assert all(f"`{key}`" in told for key in defaults)


@pytest.mark.parametrize(
    ("stored", "key", "value"),
    [
        ({"python": "/x/python"}, "python", "/x/python"),
        ({"python": ["/x"]}, "python", ""),
        ({"time_limit": 120}, "time_limit", 120),
        ({"time_limit": 10**9}, "time_limit", 600),
        ({"time_limit": -1}, "time_limit", 5),
        ({"time_limit": "long"}, "time_limit", 60),
        ({"time_limit": True}, "time_limit", 60),
        ({"time_limit": float("nan")}, "time_limit", 60),
        ({"time_limit": float("inf")}, "time_limit", 600),
        ({"sandbox": "always"}, "sandbox", "always"),
        ({"sandbox": "maybe"}, "sandbox", "auto"),
        ({"warm": False}, "warm", False),
        ({"warm": "no"}, "warm", True),
        ({"language": "en"}, "language", "en"),
        ({"language": None}, "language", "auto"),
        ({"other": 1}, "python", ""),
    ],
)
def test_a_usable_setting_comes_out(core: Core, stored: dict[str, Any], key: str, value: object) -> None:
    assert getattr(core.settings.read(stored), key) == value


KEYS = any_.sampled_from(["python", "time_limit", "sandbox", "warm", "language"])
VALUES = any_.none() | any_.booleans() | any_.integers() | any_.floats() | any_.text() | any_.lists(any_.integers())


@trying(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_.dictionaries(KEYS, VALUES))
def test_nothing_stored_does_harm(core: Core, stored: dict[str, Any]) -> None:
    settings = core.settings.read(stored)
    assert 5 <= settings.time_limit <= 600
    assert settings.sandbox in core.settings.SANDBOXES


def test_the_language_follows_anki_unless_it_is_chosen(core: Core) -> None:
    read, language = core.settings.read, core.settings.language
    assert [language(read({}), code) for code in ("zh-CN", "zh_TW", "en-GB", "de", "")] == [
        "zh",
        "zh",
        "en",
        "en",
        "en",
    ]
    assert language(read({"language": "zh"}), "de") == "zh"


def test_both_languages_say_everything_with_the_same_blanks(core: Core) -> None:
    for key, (english, chinese) in core.strings.TEXTS.items():
        blanks = [
            sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in (english, chinese)
        ]
        assert blanks[0] == blanks[1], key
    assert core.strings.Words("zh").say("same") == "一致"
    assert core.strings.Words("zh").say("different") == "不同"
    with pytest.raises(KeyError):
        core.strings.Words("zh").say("nothing of the kind")


def test_every_key_that_the_core_says_is_there_and_the_other_way_round(core: Core, addon: Path) -> None:
    sources = "".join(path.read_text("utf-8") for path in addon.glob("*.py") if path.stem != "strings")
    unused = [key for key in core.strings.TEXTS if f'"{key}"' not in sources]
    # statuses of the protocol are said by their own name, and what the settings' choices mean by theirs
    by_name = {"memory", "output", "processes", "sandbox", "skipped", "timeout", "promise auto", "promise always"}
    assert set(unused) <= by_name


def test_every_label_is_there_in_both_languages_with_the_same_blanks(addon: Path) -> None:
    spec = spec_from_file_location("labels", addon / "qt" / "labels.py")  # without the package, which needs Anki
    assert spec is not None
    assert spec.loader is not None
    labels = module_from_spec(spec)
    spec.loader.exec_module(labels)
    english, chinese = labels.labels("en"), labels.labels("zh")
    assert english.keys() == chinese.keys()
    for key in english:
        assert re.findall(r"%\S*?[dsf]", english[key]) == re.findall(r"%\S*?[dsf]", chinese[key]), key
        assert english[key].count("|") == chinese[key].count("|"), key
    assert "update the add-on" in english["ask reason"]
    assert "更新插件" in chinese["ask reason"]
    assert [labels.labels("zh", platform)["shortcut"] for platform in ("darwin", "linux")] == ["⌘ Enter", "Ctrl+Enter"]
    sources = "".join(path.read_text("utf-8") for path in (addon / "qt").glob("*.py") if path.stem != "labels")
    used = set(re.findall(r"""(?:labels|_labels|labels\(\))\["([^"]+)"\]""", sources))
    assert len(used) > 30
    assert used <= english.keys()
    sources = {"config", "own", "path", "pyenv", "conda", "uv", "venv", "launcher", "system"}
    assert sources | {"old", "anki", "mute", "stage 1", "stage 2", "stage 3"} <= english.keys(), "put together"


MISSING = {"missing": "cells are sandboxed on Linux only", "there": ""}


@pytest.mark.parametrize(
    ("choice", "machine", "fault", "said"),
    [
        (
            "auto",
            "there",
            "",
            "no network, do not see your files and leave nothing behind. Those that use a GPU run out",
        ),
        ("always", "there", "", "and nothing does if the sandbox fails to start."),
        ("auto", "missing", "", "No sandbox (there is one on Linux only): cells may read your files"),
        ("always", "missing", "", "No sandbox (there is one on Linux only): nothing runs."),
        ("auto", "there", "bwrap: no", "No sandbox (bwrap: no): cells may read your files"),
        ("off", "there", "", "No sandbox (the settings say so): cells may read your files"),
    ],
)
def test_the_settings_promise_what_will_happen(
    core: Core, monkeypatch: pytest.MonkeyPatch, *, choice: str, machine: str, fault: str, said: str
) -> None:
    monkeypatch.setattr(core.protection.sandbox, "missing", lambda: MISSING[machine])
    settings = core.settings.Settings(sandbox=choice)
    assert said in core.protection.promise(settings, core.strings.Words("en"), fault)


def test_why_there_is_no_sandbox_is_said_in_both_languages(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    box = core.protection.sandbox
    for reason in (box.NOT_LINUX, box.NO_PROGRAM, box.NO_NAMESPACES):
        monkeypatch.setattr(box, "missing", lambda reason=reason: reason)
        english, chinese = (core.protection.absent(core.strings.Words(language)) for language in ("en", "zh"))
        assert english
        assert any("\u4e00" <= each <= "\u9fff" for each in chinese)
