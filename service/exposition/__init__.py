"""What the world sees of a worker: metrics, health and the same figures as JSON, over HTTP."""
