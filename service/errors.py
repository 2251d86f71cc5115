"""Errors that a person at a terminal can mend."""


class UserError(Exception):
    """Its text is one sentence: what is wrong, where, and what to do. The command line prints it and ends."""

    exit_code = 1
