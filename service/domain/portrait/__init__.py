"""One customer: what its record says, what it has been worth, and what is to be expected of it."""

from service.domain.portrait.portrait import Portrait, portrait

__all__ = ["Portrait", "portrait"]
