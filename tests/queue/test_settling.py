"""Files that are still being written, real ones; the clock is the test's."""

from __future__ import annotations

from pathlib import Path

from ingest.queue.inbox import state_of
from ingest.queue.settling import Settling


def notice(settling: Settling, path: Path, now: float) -> None:
    state = state_of(str(path))
    assert state is not None
    settling.notice(str(path), state, now)


def names(settling: Settling, now: float) -> list[str]:
    return [Path(path).name for path, _ in settling.settled(now)]


def test_a_file_settles_when_nothing_of_it_changed_for_a_while(tmp_path: Path) -> None:
    settling = Settling(2.0, state_of)
    (whole := tmp_path / "whole").write_text("all of it")
    with (tmp_path / "growing").open("w") as growing:
        notice(settling, whole, 0.0)
        notice(settling, tmp_path / "growing", 0.0)
        assert names(settling, 1.9) == []
        growing.write("half")
        growing.flush()  # nobody told of it
        assert names(settling, 2.0) == ["whole"]
        assert names(settling, 3.9) == []
        growing.write(" and half")
        growing.flush()
        notice(settling, tmp_path / "growing", 3.9)
        assert names(settling, 5.8) == []
    notice(settling, tmp_path / "growing", 5.8)  # told of, and the same: it waits no longer for that
    assert names(settling, 5.9) == ["growing"]
    assert len(settling) == 0


def test_what_is_gone_is_nothing_and_what_replaced_it_waits_anew(tmp_path: Path) -> None:
    settling = Settling(2.0, state_of)
    for name in ("gone", "replaced"):
        (tmp_path / name).write_text("one")
        notice(settling, tmp_path / name, 0.0)
    (tmp_path / "gone").unlink()
    (tmp_path / "other").write_text("two")
    (tmp_path / "other").replace(tmp_path / "replaced")
    assert names(settling, 2.0) == []
    assert names(settling, 4.0) == ["replaced"]
