from tests.crawl.crawler import crawler
from tests.crawl.site import site
from tests.stores import engine
from tests.stores import sqlite_url as store_url
from tests.workers.service import broker

__all__ = ["broker", "crawler", "engine", "site", "store_url"]
