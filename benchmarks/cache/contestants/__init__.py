"""Who is measured, each in a file of its own and a process of its own, used as its own documentation recommends."""
