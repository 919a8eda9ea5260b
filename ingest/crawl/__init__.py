"""Fetching: sources in, polite requests, raw dumps in the ledger."""
