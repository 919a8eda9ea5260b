from tests.stores import engine
from tests.stores import sqlite_url as store_url

__all__ = ["engine", "store_url"]
