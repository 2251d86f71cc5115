"""How long a log may become until another way of treating it pays, in bytes."""

SHORT_BYTES = 4_096
"""A shorter log is plain bytes, copied when a row is added and looked through whole when something is asked;
a longer one grows in place, and what it is ripe for is remembered."""

INDEXED_BYTES = 32_768
"""A log of this length is searched through an index that is kept beside the record."""

# New orders are added to short logs (placing.py) without telling the index: such a log must not have one.
assert SHORT_BYTES <= INDEXED_BYTES
