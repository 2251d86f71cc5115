"""From facts to the figures of the whole business: refreshed, shared by all workers, shown, kept by day."""
