"""Many values in one bind: the statement is the same for any number of them, so drivers and databases know it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, any_, column, func, literal, select

from ingest.store.engines import is_postgres


def among(connection: Connection, asked: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether the column holds one of the values.  Where it is asked all the time; `in_` is for all else."""
    if is_postgres(connection):
        return asked == any_(literal(list(values), ARRAY(asked.type)))
    each = func.json_each(json.dumps(values)).table_valued(column("value"))
    return asked.in_(select(each.c.value))
