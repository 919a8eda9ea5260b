"""What an operator sees of the service: logs, counts, signs of life."""
