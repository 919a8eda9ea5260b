from tests.stores import engine
from tests.stores import sqlite_url as store_url
from tests.up.service import running, up
from tests.workers.service import broker

__all__ = ["broker", "engine", "running", "store_url", "up"]
