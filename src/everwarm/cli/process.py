"""What `everwarm up` asks of the interpreter: settings of a whole process, which a library must not touch."""

import gc
import sys

SWITCH_S = 0.0005
"""After how long a thread that computes lets another one on. The event loop and the writer wait for each other all the
time, and with Python's own 5 ms each wait can be that long."""

YOUNG = 20_000
"""How many new objects there may be before the collector looks through them; Python's own number is 700. Records on
their way live a little longer than that, and would be looked through again and again."""


def settle() -> None:
    """Call once everything is loaded: what there is now stays, and is not looked through any more."""
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    sys.setswitchinterval(SWITCH_S)
