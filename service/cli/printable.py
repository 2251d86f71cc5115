"""Text from events on a terminal."""


def printable(value: bytes) -> str:
    """Text that does nothing to a terminal: what cannot be printed is escaped."""
    text = value.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
