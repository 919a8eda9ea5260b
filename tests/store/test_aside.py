"""Large payloads beside the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.errors import Unavailable
from ingest.settings import Settings
from ingest.store import ledger, payloads
from ingest.store.aside import Aside
from ingest.store.opening import open_engine
from ingest.store.transactions import reading, writing
from tests.store.test_payloads import dump

SMALL, LARGE = b"small", b"large " * 100


@pytest.fixture
def aside(engine: Engine, tmp_path: Path) -> Engine:
    return engine.execution_options(aside=Aside(str(tmp_path / "payloads"), over=100))


def receive(engine: Engine) -> list[str]:
    batch = [dump(SMALL, "small.txt"), dump(LARGE, "large.txt")]
    payloads.lay_aside(engine, batch)
    with writing(engine) as connection:
        payloads.receive(connection, batch)
    return [one.dump_id for one in batch]


def kept(engine: Engine, dump_ids: list[str]) -> list[bytes | None]:
    with reading(engine) as connection:
        return [one.payload for one in payloads.dumps_in(connection, dump_ids)]


def test_what_is_large_lies_in_the_folder_once_and_comes_back(aside: Engine, tmp_path: Path) -> None:
    ids = receive(aside)
    assert receive(aside) == ids
    [file] = [path for path in (tmp_path / "payloads").rglob("*") if path.is_file()]
    assert (file.name, file.parent.name) == (f"{ids[1]}.z", ids[1][:2])
    assert kept(aside, ids) == [SMALL, LARGE]
    with reading(aside) as connection:
        assert payloads.without_bytes(connection, ids) == set()
        assert not payloads.missing(connection, [dump(LARGE, "large.txt")])


@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_a_file_that_is_damaged_is_no_payload(aside: Engine, tmp_path: Path, damage: str) -> None:
    ids = receive(aside)
    [file] = (tmp_path / "payloads").rglob("*.z")
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        other = Aside(str(tmp_path / "other"), over=0)
        other.put(ids[1], b"not what the name says")
        file.write_bytes(next((tmp_path / "other").rglob("*.z")).read_bytes())
    assert kept(aside, ids) == [SMALL, None]


def test_a_folder_that_cannot_be_used_is_said_before_anything_is_written_down(
    engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    broken = engine.execution_options(aside=Aside(str(tmp_path / "file"), over=100))
    with pytest.raises(Unavailable, match="payload folder"):
        receive(broken)
    with reading(engine) as connection:
        assert sum(ledger.counts(connection).values()) == 0


def test_buckets_are_named_by_their_url(tmp_path: Path) -> None:
    aside = Aside("memory://bucket/payloads", over=0)
    dump_id = dump(LARGE).dump_id
    aside.put(dump_id, LARGE)
    assert aside.get(dump_id) == LARGE


def test_settings_say_where_and_from_which_size_on(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).payloads_url == str(tmp_path / "payloads")
    assert Settings(payloads="s3://bucket/raw").payloads_url == "s3://bucket/raw"
    engine = open_engine("sqlite://")
    assert kept(engine, receive(engine)) == [SMALL, LARGE]  # a store without such a folder holds all itself
    engine.dispose()
