"""The HTTP way in: routes, tokens and answers; what they do is in `ingest.queue` and `ingest.store`."""
