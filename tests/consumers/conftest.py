from tests.stores import engine, store_url

__all__ = ["engine", "store_url"]
