"""Dead letters after the fact: find those that wait, send their records back, or let them go."""
