"""Which blocks carry the gold."""

from __future__ import annotations

from training.labelling.gold import WEIGHT, body_blocks

A = "the council met on tuesday and agreed to close the old bridge"
B = "residents will have to take the ferry until the work is done"
C = "the mayor said that it was about to fall down anyway"


def found(blocks: list[str], gold: str, title: str = "") -> tuple[str, list[float]]:
    body, weight = body_blocks([block.split() for block in blocks], gold.split(), title.split())
    return "".join("x" if b else "." for b in body), weight


def test_blocks_of_the_gold_in_their_order() -> None:
    assert found(["menu", A, "share this", B, "more stories of the day"], f"{A} {B}")[0] == ".x.x."


def test_short_lines_between_their_neighbours() -> None:
    assert found(["why", A, "why", B], f"{A} why {B}") == (".xxx", [WEIGHT["elsewhere"], 1.0, 1.0, 1.0])


def test_of_two_copies_one_is_the_gold() -> None:
    marks, weight = found([A, "menu", A, B], f"{A} {B}")
    assert marks.count("x") == 2
    assert WEIGHT["copy"] in weight


def test_another_order_is_kept_with_less_weight() -> None:
    marks, weight = found([C, A, B], f"{A} {B} {C}")
    assert marks == "xxx"
    assert weight[0] == WEIGHT["order"]


def test_the_title_counts_little() -> None:
    assert found(["old bridge closes", A], A, "old bridge closes") == (".x", [WEIGHT["title"], 1.0])


def test_nothing_of_the_gold() -> None:
    assert found(["menu", C], A)[0] == ".."
    assert found([], A)[0] == ""
    assert found([A], "")[0] == "."
