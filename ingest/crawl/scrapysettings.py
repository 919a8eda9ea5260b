"""Scrapy's settings, each that is not its default with its reason."""

from __future__ import annotations

from typing import Any

from scrapy.settings import Settings as ScrapySettings

from ingest.crawl.agent import agent_of
from ingest.crawl.resolver import GuardedResolver
from ingest.crawl.source import Source
from ingest.settings import Settings


def scrapy_settings(settings: Settings, source: Source | None = None) -> ScrapySettings:
    """Scrapy's, of one source; without one, of the process."""
    limits = settings.crawl
    ours: dict[str, Any] = {
        "USER_AGENT": agent_of(settings, source),
        "INGEST_PRIVATE_HOSTS": list(limits.private_hosts),
        "TWISTED_DNS_RESOLVER": GuardedResolver,
        "DOWNLOAD_HANDLERS": {
            "http": "ingest.crawl.handler.PacedHandler",
            "https": "ingest.crawl.handler.PacedHandler",
            **dict.fromkeys(("data", "file", "ftp", "s3")),  # nothing but the web
        },
        "DOWNLOADER_MIDDLEWARES": {
            "ingest.crawl.middlewares.Gate": 50,
            "ingest.crawl.middlewares.Robots": 100,
            "ingest.crawl.middlewares.LookOnly": 110,
            "ingest.crawl.middlewares.Retry": 550,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        },
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_PARSER": "scrapy.robotstxt.ProtegoRobotParser",
        # A proxy would resolve names itself, behind the guard's back.
        "HTTPPROXY_ENABLED": False,
        "COOKIES_ENABLED": False,
        # Those that we use, and no others: of the rest, two open a port for whoever is to run code in this process.
        "EXTENSIONS_BASE": {"scrapy.extensions.throttle.AutoThrottle": 0},
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "STATS_DUMP": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_MAXSIZE": limits.body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": limits.response_seconds,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,  # half a page is none
        "RETRY_TIMES": limits.retries,
        "RETRY_PRIORITY_ADJUST": 0,
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",  # each failure has its count
        "REDIRECT_MAX_TIMES": 8,
        "METAREFRESH_ENABLED": False,  # as people see it, not as a redirect: pages renew themselves with it
        "URLLENGTH_LIMIT": 2083,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,  # its turn is one request
        "CONCURRENT_ITEMS": 8,
        "DOWNLOAD_DELAY": 0,  # the pause is the lease's; AutoThrottle's comes on top
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_START_DELAY": 0,
        "REFERER_ENABLED": False,
    }
    if source is not None:
        ours["AUTOTHROTTLE_ENABLED"] = source.adaptive
        if source.language:
            ours["DEFAULT_REQUEST_HEADERS"] = {
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": f"{source.language},*;q=0.5",
            }
    return ScrapySettings(ours)
