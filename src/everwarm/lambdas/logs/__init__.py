"""The logs of functions: files in the data directory, written beside the event loop and read by `everwarm logs`.

`entry.py` has the form of a line and the names of files, `writer.py` writes and rotates, `reader.py` reads and follows.
Not here: what is logged (`everwarm.lambdas.runtime`).
"""
