from tests.stores import engine, store_url
from tests.workers.service import broker, service

__all__ = ["broker", "engine", "service", "store_url"]
