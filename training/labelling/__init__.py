"""Fitting the labeller's networks: gold for blocks, dumps in several styles, the network in torch, its scores and card."""
