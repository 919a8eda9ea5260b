from tests.ports import free_port
from tests.stores import engine
from tests.stores import sqlite_url as store_url
from tests.workers.service import broker, service

__all__ = ["broker", "engine", "free_port", "service", "store_url"]
