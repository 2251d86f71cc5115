"""The contract on the wire: what an event is, and the way from bytes to one."""
