from tests.crawl.crawler import crawler
from tests.crawl.site import site
from tests.workers.service import broker

__all__ = ["broker", "crawler", "site"]
