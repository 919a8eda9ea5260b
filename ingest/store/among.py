"""Many values in one bind: the statement is the same for any number of them, so drivers and databases know it again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class _Json(TypeDecorator[Sequence[str]]):
    """A list as one text: the driver need not look at every value."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        return json.dumps(value or [])


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


def among(asked: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Whether the column holds one of the values that are given as `name` when the statement is executed.

    Where it is asked all the time; `in_` is for all else.
    """
    return _Among(asked, bindparam(name, type_=_Json()))


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **options: object) -> str:
    asked, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{asked} IN (SELECT value FROM json_each({values}))"  # noqa: S608


@compiles(_Among, "postgresql")
def _on_postgres(element: _Among, compiler: SQLCompiler, **options: object) -> str:
    asked, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{asked} = ANY(ARRAY(SELECT json_array_elements_text(CAST({values} AS json))))"
