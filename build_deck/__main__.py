"""`python -m build_deck`."""

from build_deck.cli import main

if __name__ == "__main__":
    main(prog_name="python -m build_deck")
