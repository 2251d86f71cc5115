"""What an operator can choose: every setting with its meaning and range, and where its value came from."""

from service.settings.load import Loaded, SettingsError, load, load_with_origins
from service.settings.model import Settings

__all__ = ["Loaded", "Settings", "SettingsError", "load", "load_with_origins"]
