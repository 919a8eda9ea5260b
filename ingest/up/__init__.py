"""`ingest up`: the whole service on one machine, in one process tree, with a broker of its own."""
