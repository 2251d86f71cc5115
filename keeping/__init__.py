"""What long runs leave behind: finished results on disk, and tables between marks on pages of docs/."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
