"""Structs made of models: what the compiled decoder would read wrongly has no struct."""

from typing import Any

import pytest

from schemas.common import Instant, Part
from schemas.compiled import struct_for


class Visit(Part):
    """A part with an instant of its own."""

    at: Instant


class Trip(Part):
    """Instants where nobody would read them."""

    visit: Visit | None = None


class Diary(Part):
    """The same in a list."""

    written_at: list[Instant]


def test_instants_of_an_event_itself_are_noted() -> None:
    struct: Any = struct_for(Visit, {})
    assert struct.__instants__ == ("at",)


@pytest.mark.parametrize(("model", "field"), [(Trip, "visit"), (Diary, "written_at")])
def test_an_instant_inside_another_field_has_no_struct(model: type[Part], field: str) -> None:
    with pytest.raises(TypeError, match=f"{field} holds an instant"):
        struct_for(model, {})
