"""Which functions and which event source mappings there are, while a stack runs.

Both come from two sides: from the project file, anew at each start, and from the Lambda API, kept on the disk.
`functions.py` and `mappings.py` are the registries; `deployed.py` and `mapping_record.py` say what they hold,
`package.py` where a function's code lies.

Not here: the Lambda API itself (`everwarm.lambdas.api`), running a function (`runtime/`), reading a stream
(`mappings/`).
"""
