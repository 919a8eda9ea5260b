"""Where a document's blocks begin and end, worked out by the database: reading the blocks would cost as much as the text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class FirstStart(FunctionElement[int]):
    """The start of the first of the blocks; null where there is none."""

    type = Integer()
    inherit_cache = True


class LastEnd(FunctionElement[int]):
    """The end of the last of the blocks; null where there is none."""

    type = Integer()
    inherit_cache = True


@compiles(FirstStart, "sqlite")
def _first_on_sqlite(element: FirstStart, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **options)}, '$[0][0]')"


@compiles(LastEnd, "sqlite")
def _last_on_sqlite(element: LastEnd, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **options)}, '$[#-1][1]')"


@compiles(FirstStart, "postgresql")
def _first_on_postgres(element: FirstStart, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} #>> '{{0,0}}')::integer"


@compiles(LastEnd, "postgresql")
def _last_on_postgres(element: LastEnd, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} #>> '{{-1,1}}')::integer"
