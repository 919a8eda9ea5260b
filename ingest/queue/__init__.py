"""The queue: dumps pushed by anybody, cleaned by workers, tracked in the ledger."""

from ingest.queue.pusher import Pushed, Pusher, push

__all__ = ["Pushed", "Pusher", "push"]
