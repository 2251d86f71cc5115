"""What the tests of deploy/ share."""

from collections.abc import Iterator

import pytest

from service.embedded import Broker
from tests.deploy.watched import Watched, watched_business


@pytest.fixture(scope="module")
def watched(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A business, its worker and its Prometheus, for the tests of one file."""
    with watched_business(broker, tmp_path_factory.mktemp("watched")) as running:
        yield running
