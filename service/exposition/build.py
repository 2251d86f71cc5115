"""Which build is running."""

import os
from functools import cache
from importlib import metadata

from service.settings.load import REVISION_VARIABLE


@cache
def build() -> tuple[str, str]:
    """Version and revision; the revision is what the image's builder said in SUBPULSE_REVISION, else `-`."""
    return metadata.version("subpulse"), os.environ.get(REVISION_VARIABLE) or "-"
