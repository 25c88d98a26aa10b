"""The wire: HTTP, JSON 1.0, shapes; `actions/` has one file for each operation."""
