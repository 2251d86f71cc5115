"""Dead letters after the fact: find those that wait, send their records back, or let them go; and delete what
names who was erased, of letters and of insights."""
