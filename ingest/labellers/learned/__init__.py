"""The learned labeller: features of all blocks of a page at once, and a small network that reads them in order."""
