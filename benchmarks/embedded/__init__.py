"""Records in an embedded store (RocksDB), beside records in memory."""
