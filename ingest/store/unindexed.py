"""Conditions on rows that are found by something else."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, false, true


def unindexed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition, to be looked at in the rows that the others find.

    As a case, for which no index serves.  SQLite, which does not count its rows, takes any index's equal rows for ten,
    and would go through all dumps of a state to find 64 by their ids, or the next thousand in their order.
    """
    return case((condition, true()), else_=false())
