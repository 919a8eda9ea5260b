"""HTML as a tree: bounded before the parse, walked once after it."""
