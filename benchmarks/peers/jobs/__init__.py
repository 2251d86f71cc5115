"""The job, as each Python engine wants it written. They run in the environment of the peers."""
