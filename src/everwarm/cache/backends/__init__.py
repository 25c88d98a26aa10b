"""Where the table of a cache is: the engine of this process, an endpoint, or AWS.

`backend.py` says what the cache wants of one, `opening.py` chooses, `setup.py` makes the table. `embedded.py` is this
process's engine (`local.py`: what runs there; `serving.py`: how deletions reach the handler), `remote.py` a server
(`wire_form.py`: boto3's form of what is sent; `polling.py`: how its stream is followed).
"""
