"""The one kind of error this room raises, so that callers can show its sentence and stop."""

from service.errors import UserError


class BrokerError(UserError):
    """What went wrong with the embedded broker, as one sentence for a person."""


class PortTakenError(BrokerError):
    """Somebody else was faster: between the choice of a free port and its use lie seconds."""
