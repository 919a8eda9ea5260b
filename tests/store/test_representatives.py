from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ingest.cli.show import explained, found_by
from ingest.settings import NearCopies
from ingest.store import records
from ingest.store.representatives import representatives
from ingest.store.transactions import writing
from tests.store.test_documents import LONG, OTHER, stored


@pytest.mark.parametrize(
    ("representative", "expected"), [("first", "here"), ("longest", "wire"), ("trusted", "observer")]
)
def test_one_of_each_cluster_stands_for_all(engine: Engine, representative: str, expected: str) -> None:
    settings = NearCopies.model_validate({"representative": representative, "trusted": ["observer", "wire"]})
    with writing(engine) as connection:
        for source, text in (("here", LONG), ("wire", f"{LONG} and more"), ("observer", LONG[:400])):
            stored(connection, f"Title\n{text}\n", source)
        stored(connection, f"Alone\n{OTHER}\n", "elsewhere")
        everything = [record for _, record in records.records_after(connection, 0)]
        found = list(representatives(connection, everything, settings))
    assert [record["source"] for record in found] == [expected, "elsewhere"]


def test_a_near_copy_is_explained_by_what_it_shares(engine: Engine) -> None:
    with writing(engine) as connection:
        stored(connection, f"Title\n{LONG}\n")
        part = stored(connection, "Other title\n" + " ".join(LONG.split()[:40]) + " and one more\n")
        [record] = found_by(connection, part.dump_id).records
        assert (record["status"], record["copy_kind"]) == ("near-copy", "contained")
        said = dict(explained(connection, record))
    assert said["shares"] == "41 of 45 words, in 1 passages"
    assert said["41 words"].startswith("“title word0 word1")
