"""The splitter: what stands on both sides of every gap, a small network that reads it, and whole stories compared."""
