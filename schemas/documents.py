"""The contract as documents: which there are, what they say, and where the repository keeps them.

They follow from the models alone: the same models give the same bytes.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from schemas.asyncapi import asyncapi
from schemas.json_schema import insights_schema, json_schema
from schemas.topics import MODELS

EXPORTED: Final = Path(__file__).parent / "exported"
"""Where the documents live in the repository."""


def documents() -> Mapping[str, str]:
    """File name -> content of every document of the contract."""
    found = {f"{kind}.schema.json": json_schema(kind) for kind in MODELS}
    found |= {"insights.schema.json": insights_schema(), "asyncapi.json": asyncapi()}
    return {name: json.dumps(found[name], indent=2, ensure_ascii=False) + "\n" for name in sorted(found)}
