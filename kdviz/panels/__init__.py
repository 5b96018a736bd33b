"""A folder a panel: its session in Python, its view in JavaScript, its style."""
