"""Everything is killed, several times, while 20,000 dumps are on their way."""

from __future__ import annotations

from tests.faults.storm import Weather, storm


def test_in_any_weather_each_dump_is_done_once_as_in_a_calm_one() -> None:
    weather = Weather()
    report = storm(weather)
    assert report.faults == {"kill_worker": 50, "kill_broker": 3, "flush": 1, "kill_store": 3}
    assert report.only_poison_is_dead(), report.dead
    assert report.done == report.documents == weather.dumps
    assert report.different == []
    assert report.left_behind == 0
