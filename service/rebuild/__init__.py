"""The state made anew from the sources, under a new changelog, and the switch to it."""
