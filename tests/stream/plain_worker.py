"""A worker on an aiokafka without the private hook: full ConsumerRecords are delivered."""

import sys

from aiokafka.consumer.fetcher import PartitionRecords
from faust.cli.faust import cli

from service.stream import lean

if __name__ == "__main__":
    kept = PartitionRecords._consumer_record
    PartitionRecords._consumer_record = lambda self, tp, raw: kept(
        self, tp, raw
    )  # other parameters than expected
    assert not lean.install()
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
