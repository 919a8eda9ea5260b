"""When crawls are due.  Celery's crontab reads the expressions; times are UTC."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

# Looked back for the last slot: the shortest that holds one.
_BACK = tuple(timedelta(hours=hours) for hours in (1, 25, 24 * 8, 24 * 32, 24 * 367, 24 * 1462))


class Cron:
    """A cron expression.  Raises ValueError for one that is none."""

    def __init__(self, expression: str) -> None:
        from celery.schedules import ParseException, crontab  # here: most sources do without

        try:
            self._crontab = crontab.from_string(expression)
        except (ParseException, ValueError) as error:
            raise ValueError(
                f"{expression!r} is no cron expression (minute hour day month weekday): {error}"
            ) from error

    def last(self, at: datetime) -> datetime | None:
        """The last slot at or before this moment; None where the last four years had none."""
        for back in _BACK:
            slot, following = None, self._after(at - back)
            while following <= at:
                slot, following = following, self._after(following)
            if slot:
                return slot
        return None

    def _after(self, moment: datetime) -> datetime:
        self._crontab.nowfun = lambda: moment
        begin, remaining, _ = self._crontab.remaining_delta(moment)
        following: datetime = begin + remaining
        return following.astimezone(UTC)


def last_slot(every: float | None, cron: str | None, at: datetime) -> datetime | None:
    """The slot that is due at this moment, of a source that is crawled `every` minutes, or by `cron`."""
    if cron:
        return Cron(cron).last(at)
    seconds = 60 * (every or 60)
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def put_off(name: str, slot: datetime, every: float | None, jitter: float) -> timedelta:
    """How long after its slot a source is crawled: for each the same share of the jitter, so that intervals stay.

    `jitter`: seconds; of `every` minutes, a tenth at most.
    """
    share = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32
    return timedelta(seconds=share * min(jitter, 6 * every if every else jitter))
