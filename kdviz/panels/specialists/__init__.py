"""One panel: its session, its view, its words."""
