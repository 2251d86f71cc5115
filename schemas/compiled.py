"""msgspec structs generated from the pydantic models, so that the contract is written once.

A struct has the fields, limits, tag and `check` of its model and decodes about ten times faster. Where the two
libraries read a type differently the struct is the narrower one: what it refuses, the model judges.
"""

import types
from abc import ABC
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from annotated_types import BaseMetadata, GroupedMetadata
from pydantic import BaseModel, PlainValidator, StringConstraints
from pydantic.fields import FieldInfo

from schemas.common import Part, read_instant

LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


class InstantText(ABC):
    """What msgspec sees where a model has an instant: an unknown class, so it asks `dec_hook`, and gets an int."""


InstantText.register(int)


def dec_hook(kind: type, value: object) -> int:
    """Reads what msgspec has no type for: instants."""
    return read_instant(value)


def struct_for(model: type[BaseModel], known: dict[type, type[msgspec.Struct]]) -> type[msgspec.Struct]:
    """The struct of a model; those it is made of are added to `known`."""
    if model not in known:
        fields = model.model_fields
        tag = get_args(fields["type"].annotation)[0] if "type" in fields else None
        members = [_member(name, info, known) for name, info in fields.items() if name != "type"]
        namespace: dict[str, Any] = {"__doc__": model.__doc__}
        if issubclass(model, Part) and model.check is not Part.check:
            namespace["__post_init__"] = model.check
        known[model] = msgspec.defstruct(
            model.__name__,
            sorted(members, key=len),
            tag=tag,
            tag_field="type" if tag else None,
            namespace=namespace,
            module="schemas.fast",
            frozen=True,
            gc=False,
        )
    return known[model]


def struct_of(value: Any, known: dict[type, type[msgspec.Struct]]) -> Any:
    """A validated model, and all it holds, as structs."""
    if isinstance(value, BaseModel):
        fields = {
            name: struct_of(getattr(value, name), known)
            for name in type(value).model_fields
            if name != "type"
        }
        return known[type(value)](**fields)
    if isinstance(value, list):
        return [struct_of(member, known) for member in value]
    return value


def _member(name: str, info: FieldInfo, known: dict[type, type[msgspec.Struct]]) -> tuple[Any, ...]:
    kind = _limited(info.annotation, info.metadata, known)
    return (name, kind) if info.is_required() else (name, kind, info.default)


def _limited(annotation: Any, metadata: Any, known: dict[type, type[msgspec.Struct]]) -> Any:
    if any(isinstance(one, PlainValidator) and one.func is read_instant for one in metadata):
        return InstantText
    kind = _kind(annotation, known)
    limits = {}
    for one in metadata:
        if isinstance(one, (BaseMetadata, GroupedMetadata, StringConstraints)):
            limits.update({key: getattr(one, key) for key in LIMITS if getattr(one, key, None) is not None})
    return Annotated[kind, msgspec.Meta(**limits)] if limits else kind


def _kind(annotation: Any, known: dict[type, type[msgspec.Struct]]) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _limited(annotation.__origin__, annotation.__metadata__, known)
    if origin is Literal:
        return annotation
    if origin in (Union, types.UnionType):
        return Union[tuple(_kind(one, known) for one in get_args(annotation))]
    if origin is list:
        return list[_kind(get_args(annotation)[0], known)]  # type: ignore[misc]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_for(annotation, known)
    return annotation
