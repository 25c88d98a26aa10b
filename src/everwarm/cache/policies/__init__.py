"""When an entry is refreshed, how long it is kept, and how often its loader may be called.

`settings.py` reads what users write, `policy.py` decides, `schedule.py` knows times of the wall clock, `limits.py` lets
loads wait.
"""
