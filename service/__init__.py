"""subpulse: events of a subscription business in, exact live figures out."""
