"""Models of what customers will still buy: pure functions of numbers, fitted by maximum likelihood."""
