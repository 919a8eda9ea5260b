"""The splitter: what stands on both sides of every gap, small networks that read it, and whole stories compared."""
