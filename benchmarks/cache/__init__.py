"""How fast a cached value is read, how late one is refreshed, how many loads a miss costs; beside other libraries."""
