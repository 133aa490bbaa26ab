"""Every word that the add-on says, in English and Chinese."""


class Words:
    """The words of one language: `zh` or `en`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, **values: object) -> str:
        """The text `key` with `values` filled in. Raises KeyError for an unknown key."""
        raise NotImplementedError
