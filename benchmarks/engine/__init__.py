"""How fast the engine is over HTTP, against the same HTTP server answering a fixed body. What and how: README.md."""
