"""`python -m everwarm`."""

from everwarm.cli import main

if __name__ == "__main__":
    main()
