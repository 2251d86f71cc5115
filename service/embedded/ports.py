"""Choose TCP ports on loopback.

Automatic ports lie below the range from which systems take the source ports of outgoing connections: a
client that keeps asking for a dead broker on such a port can end up connected to itself, and then the
broker could not come back on it.
"""

import random
import socket

LOOPBACK = "127.0.0.1"
_AUTOMATIC = range(20_000, 30_000)
_random = random.SystemRandom()


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_port(*taken: int) -> int:
    """A loopback port that nothing listens on, picked at random; none that is promised already (`taken`)."""
    drawn = iter(lambda: _random.choice(_AUTOMATIC), None)
    return next(port for port in drawn if port not in taken and is_free(port))
