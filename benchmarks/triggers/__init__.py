"""How late, and how many: expirations and records on their way to a function, beside Redis and MiniStack."""
