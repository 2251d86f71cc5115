"""What a worker spends on an event, by stage: `./dev bench profile`."""
