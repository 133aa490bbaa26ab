"""Run cells of a card in a process of their own. Shared with the add-on: standard library, Python 3.9 syntax."""
