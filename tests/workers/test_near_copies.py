"""Workers that keep in the broker who holds a shingle."""

from __future__ import annotations

from sqlalchemy import func, select

from ingest.store import records
from ingest.store.schema import rare_shingles
from ingest.store.transactions import reading
from tests.index.contract import word
from tests.workers.service import Service

STORIES = 12


def test_copies_are_found_by_lists_in_the_broker_also_when_it_lost_them(service: Service) -> None:
    service.env.update(INGEST_NEAR_COPIES__LISTS="broker", INGEST_QUEUE__TASK_DUMPS="4")
    for kind, words in (("original", slice(0, 90)), ("cut", slice(0, 50)), ("late", slice(30, 90))):
        folder = service.folder / kind
        folder.mkdir()
        for n in range(STORIES):
            text = " ".join([word(1000 * n + k) for k in range(90)][words])
            (folder / f"{n}.txt").write_text(f"{kind} {n}\n{text}\n")
    service.start("worker", "--concurrency", "2")
    service.command("push", "original", "cut")  # together: any worker may have either of two
    service.until_settled(2 * STORIES)
    lost = list(service.client.scan_iter("ingest:near:*"))
    assert lost
    service.client.delete(*lost)
    service.command("push", "late")
    service.until_settled(3 * STORIES)
    with reading(service.engine) as connection:
        found = [record for _, record in records.records_after(connection, 0)]
        assert connection.scalar(select(func.count()).select_from(rare_shingles)) == 0
    originals = {r["document_id"]: r["title"] for r in found if r["status"] == "unique"}
    assert sorted(originals.values()) == sorted(f"original {n}" for n in range(STORIES))
    for record in found:
        number = (record["title"] or "").split()[1]
        assert originals[record["cluster_id"]] == f"original {number}"
