"""How the story of a simulated business reaches its readers: files, topics, at once or in its own time."""
