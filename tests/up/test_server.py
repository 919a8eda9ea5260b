"""The place of our own server's socket."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ingest.up.server import Server


@pytest.mark.parametrize("name", ["long-" * 30, "with a space", "ü", "a%b"])
def test_where_a_name_does_not_do_for_a_socket_it_has_a_private_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    server = Server(folder)
    place = Path(server.url.removeprefix("redis+socket://")).parent
    assert place != folder
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    Server(folder, last=server.url).clear_away()  # as after one that was killed
    assert not place.exists()
    server.clear_away()


def test_where_it_does_the_socket_is_in_the_folder(tmp_path: Path) -> None:
    assert Server(tmp_path).url == f"redis+socket://{tmp_path}/socket"
