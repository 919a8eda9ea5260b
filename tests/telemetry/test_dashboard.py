"""Grafana's dashboard asks for what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.conftest import ROOT

FOLDER = ROOT / "config/grafana"
DASHBOARD = json.loads((FOLDER / "ingest.json").read_text(encoding="utf-8"))
_OF_HISTOGRAMS = re.compile(r"_(bucket|sum|count)$")


def asked() -> Iterator[tuple[str, str]]:
    """(title, expression) of each."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def exported() -> dict[str, set[str]]:
    """Labels by metric, as METRICS.md has them; another test holds that against what is exported."""
    text = (ROOT / "config/METRICS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(ingest_\w+)`(?: by (.*?))? \| (\w+) \|", text, re.MULTILINE)
    return {
        name: set(re.findall(r"`(\w+)`", labels)) | ({"le"} if kind == "histogram" else set())
        for name, labels, kind in rows
    }


def test_every_metric_that_it_names_is_exported_and_none_is_left_out() -> None:
    there, named = exported(), set[str]()
    for title, expression in asked():
        metrics = {_OF_HISTOGRAMS.sub("", name) for name in re.findall(r"\bingest_\w+", expression)}
        assert metrics, title
        assert metrics <= there.keys(), title
        labels = {
            label.strip()
            for inside in re.findall(r"by \(([^)]*)\)", expression)
            for label in inside.split(",")
        } | set(re.findall(r"[{,]\s*(\w+)\s*[!=]", expression))
        assert labels <= set().union(*(there[name] for name in metrics)), title
        assert expression.count("(") == expression.count(")"), title
        named |= metrics
    assert there.keys() - named == set()


def test_it_is_where_grafana_looks_and_asks_what_grafana_has() -> None:
    sources: list[dict[str, Any]] = yaml.safe_load((FOLDER / "datasources.yml").read_text())["datasources"]
    kinds = {source["uid"]: source["type"] for source in sources}
    for panel in DASHBOARD["panels"]:
        for source in [panel["datasource"], *(target["datasource"] for target in panel["targets"])]:
            assert kinds[source["uid"]] == source["type"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    places = dict(volume.split(":")[:2] for volume in compose["services"]["grafana"]["volumes"])
    [provider] = yaml.safe_load((FOLDER / "dashboards.yml").read_text())["providers"]
    assert places["./config/grafana/ingest.json"] == f"{provider['options']['path']}/ingest.json"
    assert places["./config/grafana/dashboards.yml"].startswith("/etc/grafana/provisioning/dashboards/")


def test_panels_lie_side_by_side() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
