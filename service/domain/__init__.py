"""The pure core: records of customers, facts in columns, metrics. No I/O, no clock, no Kafka."""
