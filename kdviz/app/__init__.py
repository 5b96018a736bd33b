"""The app: the page's one widget, what it is built from, and the server. Nothing that computes."""
