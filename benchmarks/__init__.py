"""What cleaning and the service achieve and cost, measured on your own pages; not shipped."""
