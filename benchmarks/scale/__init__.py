"""How a worker behaves as things grow: `./dev bench scale`."""
