from tests.stores import engine, store_url
from tests.up.service import up
from tests.workers.service import broker

__all__ = ["broker", "engine", "store_url", "up"]
