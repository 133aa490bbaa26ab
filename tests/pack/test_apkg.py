"""The bytes of a package: the same everywhere, written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from build_deck import ids
from build_deck.model.note import Media, Release
from build_deck.pack import Ledger, assemble, package_bytes, write_package
from tests.deck.sample import books, note, parts, png

IMAGE, DRAWING = png(7), Media(name="b.svg", data=b"<svg/>" * 99)


@pytest.fixture
def release() -> Release:
    notes = [note(f"q-{n}", place=n, Figure=f'<img src="{IMAGE.name}"><img src="b.svg">') for n in range(20)]
    return assemble(parts(notes, (IMAGE, DRAWING)), books(Ledger()))[0]


def test_entries_are_sorted_dated_alike_and_deflated_where_it_pays(release: Release) -> None:
    with zipfile.ZipFile(io.BytesIO(package_bytes(release))) as archive:
        infos = archive.infolist()
        assert [info.filename for info in infos] == ["0", "1", "collection.anki2", "media"]
        assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
        names = json.loads(archive.read("media"))
        assert names == {"0": "b.svg", "1": IMAGE.name}
        stored = [names.get(info.filename) for info in infos if info.compress_type == zipfile.ZIP_STORED]
        assert stored == [IMAGE.name]
        assert archive.read("1") == IMAGE.data


def test_the_collection_holds_all_decks_and_each_note_type_once(release: Release, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(package_bytes(release))) as archive:
        archive.extract("collection.anki2", tmp_path)
    with closing(sqlite3.connect(tmp_path / "collection.anki2")) as connection:
        decks, models = (
            json.loads(text, object_pairs_hook=list)
            for text in connection.execute("select decks, models from col").fetchone()
        )
        dues = connection.execute("select due from cards order by id").fetchall()
    assert sorted(int(key) for key, _ in decks) == sorted([1, ids.DECK_ROOT_ID, *(deck[0] for deck in ids.DECKS)])
    assert sorted(int(key) for key, _ in models) == sorted(item[0] for item in ids.NOTE_TYPES.values())
    assert dues == [(n,) for n in range(1, 21)]


BUILD = """
import sys, time
clock = float(sys.argv[2])
time.time, time.localtime, time.gmtime = (lambda: clock), (lambda *_: (2001, 1, 1) + (0,) * 6), (lambda *_: None)
from build_deck.pack import Ledger, assemble, package_bytes
from tests.deck.sample import books, note, parts, png
notes = [note(f"题-{n}", place=n, Figure=f'<img src="{png(n).name}">') for n in range(9)]
release, problems = assemble(parts(notes, map(png, range(9))), books(Ledger()))
assert not problems, problems
open(sys.argv[1], "wb").write(package_bytes(release))
"""


def test_a_package_depends_on_nothing_but_the_release(tmp_path: Path, project: Path) -> None:
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C", "clock": "1700000000.5"},
        {"PYTHONHASHSEED": "77", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "clock": "1899999999.25"},
    ]
    digests = set()
    for number, extra in enumerate(surroundings):
        folder = tmp_path / f"文件夹 {number}"
        folder.mkdir()
        clock = extra.pop("clock")
        env = os.environ | extra | {"PYTHONPATH": str(project), "TMPDIR": str(folder)}
        command = [sys.executable, "-c", BUILD, str(folder / "out.apkg"), clock]
        subprocess.run(command, cwd=folder, env=env, check=True, timeout=60)
        digests.add(hashlib.sha256((folder / "out.apkg").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_an_unchanged_package_is_not_written_again(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "dist" / "deck.apkg"
    assert write_package(release, path) == path.stat().st_size
    before = path.stat()
    write_package(release, path)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_failed_write_leaves_the_old_package_alone(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deck.apkg"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space left"):
            write_package(release, path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["deck.apkg"]
