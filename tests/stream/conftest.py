"""Applications on the shared broker; whatever a test starts has ended when it ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.embedded import Broker
from tests.stream.application import Application

NewApplication = Callable[..., Application]


@pytest.fixture
def applications(broker: Broker, tmp_path: Path) -> Iterator[NewApplication]:
    """`applications(partitions=4, sources=…, settings=…)`; topics are made by its `create`."""
    made: list[Application] = []

    def new(bootstrap: str = broker.bootstrap, **fields: Any) -> Application:
        made.append(Application(bootstrap, tmp_path, **fields))
        return made[-1]

    yield new
    for application in made:
        application.end()
