"""The settings that each engine got, and why, as the page tells them."""

SETTINGS = {
    "aiokafka": "The floor: `getmany` of stock aiokafka, all of each event by orjson, and a dict; nothing "
    "durable. What one would write first in Python. subpulse reads bare records, and by msgspec, so that "
    "its `job` may pass it.",
    "subpulse": "`whole`: a worker as it ships: full records, facts, summaries, exposition, and one fenced "
    "transaction a checkpoint, about one a second: the next one begins a second after the last has ended, "
    "where Kafka Streams and Flink count from beginning to beginning (`commit_pause` 0.5 s; by default "
    "checkpoints are up to ten seconds apart while history is read). `job`: the same stream layer with "
    "count, sum and last time in the place of records, read by msgspec, and not judged.",
    "kafka-streams": "`commit.interval.ms` 1000 (the default is 30 s at-least-once and 100 ms exactly-once; "
    "one second for all peers, for what is not committed is read again after a crash). The topic is keyed "
    "by customer, so nothing is repartitioned. Record cache, RocksDB and producer as they come; 1 GiB of "
    "heap. `alo`: at-least-once, `eos`: exactly-once v2; the number is `num.stream.threads`.",
    "flink": "Aligned exactly-once checkpoints each second into a local folder, incremental with RocksDB; "
    "512 MiB of managed memory (what its shipped configuration leaves to RocksDB); object reuse on, tuples "
    "between operators and in state, the leanest that Flink offers; one process without network hops, "
    "JobManager apart or web interface; 1 GiB of heap. Durable is what a completed checkpoint holds; the "
    "offsets reach Kafka later. The number is the parallelism: source and keyed operator are a thread each. "
    "The checkpoint stays on the local disk, so the broker has less to do than with those who write a "
    "changelog.",
    "quix": "RocksDB state with its changelog topic, `commit_interval` 1 s (the default is 5). `alo`: "
    "at-least-once, `eos`: exactly-once.",
    "bytewax": "Kafka source in batches of 1,000, orjson, recovery into SQLite with an epoch a second. It "
    "keeps its offsets there, and not in Kafka; the clock starts with what is processed and stops when the "
    "last snapshot is written.",
    "faust": "An agent and a Table in memory with its changelog, a commit a second; the first fiftieth of "
    "the events: 50,000 orders of 50,000 customers, one each, where the others read fifty of each.",
}
