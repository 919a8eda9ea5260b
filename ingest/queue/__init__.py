"""The queue: dumps pushed by anybody, cleaned by workers, tracked in the ledger."""

from ingest.queue.push import Pushed, Pusher, push

__all__ = ["Pushed", "Pusher", "push"]
