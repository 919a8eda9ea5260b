"""The store: dumps, ledger, documents and the near-copy index's data in one database."""
