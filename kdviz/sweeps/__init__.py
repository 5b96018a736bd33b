"""Many students over a grid: what to train, who trains it, what is kept and found. No page."""
