"""ProofDeck's pipeline: answer files in, verified cells frozen, an Anki package out."""

__version__ = "0.1.0"
