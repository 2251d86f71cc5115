"""The parts of `subpulse demo`: a whole installation on one machine, started, shown and taken down again."""
