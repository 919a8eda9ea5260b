"""The near-copy index: which earlier document a text copies, if any."""
