"""ProofDeck in Anki: run the code of a card and see its claim happen.

Anki imports this package; so do tests, without Anki, for the modules that know nothing of it.
"""

import sys


def _start() -> None:
    main = getattr(sys.modules.get("aqt"), "mw", None)
    if main is not None:
        from .qt import Addon  # noqa: PLC0415  (only Anki has Qt)

        Addon(main, __name__).install()


_start()
