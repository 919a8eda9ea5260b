"""Real children that end, and end again."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from ingest.errors import Unavailable
from ingest.up.log import Log
from ingest.up.supervisor import Child, GivenUp, Restarts, Supervisor

SOON = (0.05, 0.1, 0.15, 0.2)  # seconds


def kept(tmp_path: Path, child: Child, restarts: Restarts) -> None:
    """Keep the child running until that cannot be done any more: raises what the service would end with."""

    async def keep() -> None:
        end = asyncio.get_running_loop().create_future()
        lock = os.open(tmp_path, os.O_RDONLY)
        supervisor = Supervisor(Log(), dict(os.environ), lock, end, restarts)
        starting = asyncio.create_task(supervisor.start(child))
        try:
            await asyncio.wait_for(end, 25)
        finally:
            starting.cancel()
            await supervisor.stop(child.name)
            os.close(lock)

    asyncio.run(keep())


def shell(script: str, **more: object) -> Child:
    return Child("child", ("sh", "-c", script), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("last", "what"), [("exit 3", "ended with exit code 3"), ("kill -9 $$", "was ended by SIGKILL")]
)
def test_one_that_always_dies_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], last: str, what: str
) -> None:
    with pytest.raises(GivenUp, match=f"child {what}, the 5th time in a row.*behind 'child   [|]'"):
        kept(tmp_path, shell(f"echo my disk is full; {last}"), Restarts(SOON))
    said = capsys.readouterr().err
    assert said.count("child   | my disk is full\n") == 5
    pauses = [line.rpartition(" in ")[2] for line in said.splitlines() if "started again" in line]
    assert pauses == ["0.05 s", "0.1 s", "0.15 s", "0.2 s"]


def test_one_that_ran_for_long_begins_to_count_anew(tmp_path: Path) -> None:
    """It ends at once, and at once, then runs for a while: four ends in a row are told from four in all."""
    marks = tmp_path / "marks"
    script = f"echo >> {marks}; test $(wc -l < {marks}) -eq 4 && sleep 0.6; exit 1"
    with pytest.raises(GivenUp):
        kept(tmp_path, shell(script), Restarts(SOON, steady=0.5))
    assert marks.read_text().count("\n") == 8  # the fourth is the first of five


def test_one_that_cannot_be_started_any_more_is_given_up(tmp_path: Path) -> None:
    calls: list[int] = []

    def before() -> None:
        calls.append(1)
        if len(calls) > 1:
            raise Unavailable("its port is taken")

    with pytest.raises(GivenUp, match=r"child could not be started \(its port is taken\), the 5th time"):
        kept(tmp_path, shell("exit 1", before=before), Restarts(SOON))
    assert len(calls) == 5


def test_one_that_dies_before_it_is_ready_is_not_tried_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    child = shell(f"echo >> {marks}; exit 4", is_ready=lambda: False)
    with pytest.raises(Unavailable, match="child ended with exit code 4 before it was ready") as caught:
        kept(tmp_path, child, Restarts(SOON))
    assert not isinstance(caught.value, GivenUp)
    assert marks.read_text() == "\n"
