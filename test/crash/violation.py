"""What the crash test looks for."""


class Violation(Exception):
    """A promise that was not kept. `kind` is one word, for those who expect it."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}: {text}")
        self.kind = kind
