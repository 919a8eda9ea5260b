"""What sources repeat, over the command line."""

from __future__ import annotations

import json

from tests.cli.test_cli import Shell, ingest
from tests.run.test_learning import BANNER, story

__all__ = ["ingest"]


def test_from_the_first_run_to_a_persons_word(ingest: Shell) -> None:
    folder = ingest.folder / "observer"
    folder.mkdir()
    for n in range(6):
        (folder / f"{n}.txt").write_text(story(n))
    assert ingest("sites", "list")[0] == ""
    err = ingest("run", "observer", "--output", "first.jsonl")[1]
    assert "learned what the stories of observer repeat" in err
    first = (ingest.folder / "first.jsonl").read_bytes()
    assert "learned" not in ingest("run", "observer", "--output", "again.jsonl")[1]
    assert (ingest.folder / "again.jsonl").read_bytes() == first

    assert ingest("sites", "list")[0].split("\t")[:2] == ["1", "6"]
    known = json.loads(ingest("sites", "list", "--json")[0])
    assert (known["source"], known["lines"], known["stories"]) == ("observer", 1, 6)
    assert ingest("sites", "show", "observer")[0].split("\t")[::3] == ["6/6", BANNER + "\n"]
    line = json.loads(ingest("sites", "show", "observer", "--json")[0])
    assert (line["example"], line["share"], line["word"], line["in_force"]) == (BANNER, 1.0, None, True)

    assert "cleaned now" in ingest("replay")[1]
    removed = [r for line in ingest("export")[0].splitlines() for r in json.loads(line)["removals"]]
    assert {(r["text"], r["rule"]) for r in removed} == {(BANNER, "site-furniture")}
    assert "nothing to do" in ingest("replay")[1]

    assert "0 lines of observer are furniture" in ingest("sites", "keep", "observer", BANNER)[1]
    assert ingest("sites", "show", "observer")[0].split("\t")[2] == "kept by you"
    ingest("replay")
    assert "1 lines of observer are furniture" in ingest("sites", "forget", "observer", BANNER)[1]
    assert "2 lines" in ingest("sites", "drop", "observer", "Some other line")[1]
    assert "2 lines" in ingest("sites", "learn", "observer")[1]
    ingest("sites", "forget", "observer")
    assert ingest("sites", "show", "observer")[0] == ""
    assert "nothing is known" in ingest("sites", "show", "observers", code=2)[1]
    assert "no finished dump" in ingest("sites", "keep", "observers", "x", code=2)[1]
