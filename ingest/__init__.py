"""Raw news dumps in, clean documents out: the library's face."""

from ingest.pipeline import clean, split

__all__ = ["clean", "split"]
