from tests.stores import engine
from tests.stores import sqlite_url as store_url
from tests.up.service import up
from tests.workers.service import broker

__all__ = ["broker", "engine", "store_url", "up"]
