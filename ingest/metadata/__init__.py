"""What a page says of itself: JSON-LD, meta elements, headlines, and what stands beside them."""
