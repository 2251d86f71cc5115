"""How fast a worker is, beside a floor measured in the same run: `./dev bench`."""
