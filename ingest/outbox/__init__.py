"""What changed is told to others: on a stream of the broker, and to webhooks.

The outbox is the change feed itself: it is written with the documents, in one transaction, and who tells it on keeps
a cursor into it.  So nothing is told that was not committed, and nothing that was is forgotten, whoever dies.
"""
