"""Where a document's blocks begin and end, worked out by the database: reading the blocks would cost as much as the text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class _Outermost(TypeDecorator[tuple[int, int]]):
    """The first and the last of a list of numbers; 0 for what is not there."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[int, int]:
        return (value[0] or 0, value[-1] or 0) if value else (0, 0)


class Edges(FunctionElement[tuple[int, int]]):
    """The start of the first of the blocks and the end of the last.  One value: on Postgres the blocks are parsed once."""

    type = _Outermost()
    inherit_cache = True


@compiles(Edges, "sqlite")
def _on_sqlite(element: Edges, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **options)}, '$[0][0]', '$[#-1][1]')"


@compiles(Edges, "postgresql")
def _on_postgres(element: Edges, compiler: SQLCompiler, **options: Any) -> str:
    blocks = compiler.process(element.clauses, **options)
    return f"jsonb_path_query_array(({blocks})::jsonb, '$[0,last][0,1]')"  # both edges of both blocks
