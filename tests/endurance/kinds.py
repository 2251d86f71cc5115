"""The kinds of faults, and what each is, in a line for people."""

KINDS = {
    "kill": "kill -9 of a worker, started again after a while",
    "restart": "SIGTERM to a worker, which must end in peace, and a new one in its place",
    "add": "one more worker",
    "remove": "SIGTERM to a worker, and nobody in its place",
    "freeze": "a worker frozen for longer than its session, then woken",
    "freeze over compaction": "the same, and the changelog is compacted before it wakes",
    "kill the broker": "kill -9 of the broker, started again after a while",
    "cut": "all connections of a worker, or of all workers, end without a word",
    "delay": "everything takes its time on the network",
    "half open": "nothing moves on a worker's connections; then they end, or all of it arrives late",
    "cut before the commit": "connections end when a transaction is written and before its commit arrives",
    "cut after the commit": "the commit arrives, its answer does not",
    "compact": "the changelog rolls its segments and is compacted while it is written",
}

LAST = "freeze to the end"
"""Comes once in every storm, beside the others: nobody writes any more who could make good what it spoils."""

MEANING_OF_LAST = "a worker frozen while events come, woken after compaction, when all of them are applied"

KINDS_OF_A_CLUSTER = {
    "kill the broker": "kill -9 of the broker that leads a partition of the changelog, and others",
    "kill": KINDS["kill"],
    "cut after the commit": KINDS["cut after the commit"],
}
