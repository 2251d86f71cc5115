"""Faust's Kafka transport with a consumer of our own, its partition assignor and its isolation level."""

from typing import Any

import aiokafka
import faust
from faust.transport.drivers import aiokafka as driver

NEWS_MS = 10_000  # how often the group's leader asks whether partitions were added; aiokafka's five minutes
# would be as many of records that go where nobody expects their customers


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread in which Faust runs aiokafka."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        """The assignor and the isolation level are what differs from Faust's own.

        Stock Faust picks round-robin when there are no tables, which tears customers apart, and reads what
        was never committed. Its co-partitioned assignor comes without standbys here: with standbys a third
        worker of four partitions would stay idle.
        """
        conf, self._assignor = self.app.conf, self.app.assignor
        return aiokafka.AIOKafkaConsumer(
            **self.app.client_options,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="none",  # each era seeks to what the state holds; all else is an error
            isolation_level="read_committed",
            metadata_max_age_ms=NEWS_MS,
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
        )


class ChunkSchema(faust.Schema):  # type: ignore[misc]
    """A message's value is already a list of records: nothing to decode."""

    def compile(self, app: Any, **kwargs: Any) -> Any:
        """Faust asks for the function that makes an event of a message."""

        async def decode(message: Any, *, propagate: bool = False) -> faust.Event:
            return faust.Event(app, message.key, message.value, message.headers, message)

        return decode
