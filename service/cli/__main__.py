"""`python -m service.cli` is `subpulse`."""

from service.cli import main

main()
