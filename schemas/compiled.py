"""msgspec structs generated from the pydantic models, so that the contract is written once.

A struct has the fields, limits, tag and `check` of its model and decodes several times faster. Where the two
libraries read a type differently the struct is the narrower one: what it refuses, the model judges. Instants
are texts to the compiled decoder; whoever decodes reads them afterwards (`schemas/decode.py`).
"""

import types
from collections.abc import Iterable, Iterator, MutableMapping
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic.fields import FieldInfo

from schemas.common import Part
from schemas.instants import parse_instant

Structs = MutableMapping[type[BaseModel], type[msgspec.Struct]]

InstantText = Annotated[str, msgspec.Meta(description="RFC 3339")]
"""What the compiled decoder sees where a model has an instant."""

_LIMITS = {Ge: "ge", Le: "le", MinLen: "min_length", MaxLen: "max_length"}
_WIDENS_OR_WRITES = (BeforeValidator, PlainSerializer, WithJsonSchema)


def struct_for(model: type[BaseModel], known: Structs) -> type[msgspec.Struct]:
    """The struct of a model. It and the structs inside it are remembered in `known`."""
    if model not in known:
        fields = model.model_fields
        tag = get_args(fields["type"].annotation)[0] if "type" in fields else None
        members = [_member(name, info, known) for name, info in fields.items() if name != "type"]
        namespace: dict[str, Any] = {
            "__doc__": model.__doc__,
            "__instants__": tuple(name for name, kind, *_ in members if _is_instant(name, kind)),
        }
        if issubclass(model, Part) and model.check is not Part.check:
            namespace["__post_init__"] = model.check
        known[model] = msgspec.defstruct(
            model.__name__,
            sorted(members, key=len),  # those with defaults last
            tag=tag,
            tag_field="type" if tag else None,
            namespace=namespace,
            module="schemas.fast",
            gc=False,
        )
    return known[model]


def struct_of(value: Any, known: Structs) -> Any:
    """A validated model, and all it holds, as structs."""
    if isinstance(value, BaseModel):
        struct = known[type(value)]
        return struct(**{name: struct_of(getattr(value, name), known) for name in struct.__struct_fields__})
    if isinstance(value, list):
        return [struct_of(member, known) for member in value]
    return value


def _member(name: str, info: FieldInfo, known: Structs) -> tuple[Any, ...]:
    kind = _limited(info.annotation, info.metadata, known)
    return (name, kind) if info.is_required() else (name, kind, info.default)


def _is_instant(name: str, kind: Any) -> bool:
    """Whether the field is an instant, or none. Inside another one it would stay a text, read by nobody."""
    if kind in (InstantText, InstantText | None):
        return True
    if any(part == InstantText or getattr(part, "__instants__", ()) for part in _parts(kind)):
        raise TypeError(f"{name} holds an instant: only the fields of an event itself may be instants")
    return False


def _parts(kind: Any) -> Iterator[Any]:
    yield kind
    for part in get_args(kind):
        yield from _parts(part)


def _limited(annotation: Any, metadata: Iterable[Any], known: Structs) -> Any:
    limits = {}
    for note in _flat(metadata):
        if isinstance(note, PlainValidator) and note.func is parse_instant:
            return InstantText
        if type(note) in _LIMITS:
            name = _LIMITS[type(note)]
            limits[name] = getattr(note, name)
        elif not isinstance(note, _WIDENS_OR_WRITES):
            raise TypeError(f"{note!r} narrows a type in a way that the compiled decoder would not notice")
    kind = _kind(annotation, known)
    return Annotated[kind, msgspec.Meta(**limits)] if limits else kind


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    for note in metadata:
        if isinstance(note, FieldInfo):
            yield from note.metadata
        else:
            yield note


def _kind(annotation: Any, known: Structs) -> Any:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _limited(annotation.__origin__, annotation.__metadata__, known)
    if origin in (Union, types.UnionType):
        return reduce(or_, (_kind(one, known) for one in get_args(annotation)))
    if origin is list:
        return types.GenericAlias(list, (_kind(get_args(annotation)[0], known),))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_for(annotation, known)
    if origin is Literal or annotation in (str, int, type(None)):
        return annotation
    raise TypeError(f"{annotation!r} is a type that the compiled decoder does not know")
