from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, update

from ingest.errors import UsageError
from ingest.store import tokens
from ingest.store.schema import tokens as table
from ingest.store.transactions import reading, writing


def test_a_token_is_found_by_the_whole_of_it_and_never_kept(engine: Engine) -> None:
    with writing(engine) as connection:
        token = tokens.create(connection, ["read", "push"], name="wire", days=1)
        found = tokens.find(connection, token)
        assert found is not None
        assert (found.name, found.scopes, found.is_valid) == ("wire", ("push", "read"), True)
        assert found.allows("read")
        assert not found.allows("admin")
        assert tokens.find(connection, token[:-1]) is None
        assert tokens.find(connection, token[:-1] + ("0" if token[-1] != "0" else "1")) is None
        [row] = connection.execute(table.select()).all()
        assert token.split("_")[2] not in str(row)


def test_what_is_revoked_or_over_is_valid_no_more(engine: Engine) -> None:
    with writing(engine) as connection:
        one, two = (tokens.create(connection, ["admin"], days=1) for _ in range(2))
        assert tokens.revoke(connection, one.split("_")[1]).revoked_at
        connection.execute(
            update(table).where(table.c.token_id == two.split("_")[1]).values(expires_at="2020-01-01")
        )
        assert [token.is_valid for token in tokens.listed(connection)] == [False, False]
        with pytest.raises(UsageError, match="no token has the id"):
            tokens.revoke(connection, "unknown")
        for scopes, days in ((["push", "nonsense"], None), ([], None), (["push"], 0)):
            with pytest.raises(UsageError):
                tokens.create(connection, scopes, days=days)


def test_of_many_that_start_first_one_makes_the_token(engine: Engine) -> None:
    made: list[str | None] = []
    start = threading.Barrier(4)

    def begin() -> None:
        start.wait()
        with writing(engine) as connection:
            made.append(tokens.create_first(connection))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(token is not None for token in made) == 1
    with reading(engine) as connection:
        assert len(tokens.listed(connection)) == 1
