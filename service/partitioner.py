"""Where a key belongs: Kafka's default partitioner, which the contract asks of every producer."""

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The number of the partition, of so many. Takes some microseconds: remember it where keys repeat."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
