"""`python -m kizuna` is the command line."""

from kizuna.cli import main

if __name__ == "__main__":
    main()
