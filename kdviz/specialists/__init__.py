"""A generalist and its specialists (§5): clusters, training, and their combination. No page."""
