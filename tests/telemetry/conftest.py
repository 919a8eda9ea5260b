from tests.ports import free_port
from tests.stores import engine, store_url

__all__ = ["engine", "free_port", "store_url"]
