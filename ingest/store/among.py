"""Many values in one bind, for statements that are made once.

What is asked with every batch and every page is a constant of its module: to build a statement, and to tell that it is
the same again, costs SQLAlchemy as much as to execute it, and so does each value of an `in_`, which is for all else.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ColumnElement, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Among(FunctionElement[Any]):
    # Not said to be a boolean: SQLAlchemy would write `= 1` behind it for SQLite, which then uses no index.
    inherit_cache = True


def among(asked: ColumnElement[str] | ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Whether the column holds one of the values that are given as `name` (a list) when the statement is executed."""
    return _Among(asked, bindparam(name, type_=JSON()))


@compiles(_Among, "sqlite")
def _on_sqlite(element: _Among, compiler: SQLCompiler, **options: object) -> str:
    asked, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{asked} IN (SELECT value FROM json_each({values}))"  # noqa: S608


@compiles(_Among, "postgresql")
def _on_postgres(element: _Among, compiler: SQLCompiler, **options: object) -> str:
    column, given = element.clauses
    asked, values = compiler.process(column, **options), compiler.process(given, **options)
    kind = column.type.compile(compiler.dialect)
    return f"{asked} = ANY(ARRAY(SELECT CAST(json_array_elements_text({values}) AS {kind})))"
