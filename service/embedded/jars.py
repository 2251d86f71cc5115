"""The jars of Kafka: which they are (pinned with their hashes in `kafka.lock`), and getting them once.

jgo does the talking to the Maven repositories. It keeps a half-written file after an interruption and only
warns of a wrong checksum, so jars are fetched aside, checked, and then moved into place.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from service.embedded.errors import BrokerError

KAFKA_VERSION = "4.3.0"
LOCK = Path(__file__).with_name("kafka.lock")
_TIMEOUT_SECONDS = 60
_AT_ONCE = 4


@dataclass(frozen=True)
class Jar:
    """One pinned file of a Maven repository."""

    coordinate: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        """The name of the file, `artifact-version.jar`."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def pinned() -> list[Jar]:
    """The jars of `kafka.lock`, in the order of the class path."""
    rows = (line.split() for line in LOCK.read_text("utf-8").splitlines() if not line.startswith("#"))
    return [Jar(coordinate, sha256, int(size)) for coordinate, sha256, size in rows]


def cache_directory() -> Path:
    """Where the jars stay between runs, shared by all checkouts of a user."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "subpulse" / f"kafka-{KAFKA_VERSION}"


def repositories() -> dict[str, str]:
    """The user's own Maven repositories (the configuration file of jgo), then the central one."""
    own: dict[str, str] = dict(GlobalSettings.load().repositories)
    own.setdefault("central", MAVEN_CENTRAL_URL)
    return own


def ensure(console: Console) -> list[Path]:
    """The paths of all jars, fetching with a progress bar those that are not here yet.

    Raises BrokerError when one cannot be had or is not the pinned one.
    """
    directory, jars = cache_directory(), pinned()
    missing = [jar for jar in jars if not (directory / jar.file_name).exists()]
    if missing:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            _fetch_all(missing, directory, console)
        except OSError as error:
            raise BrokerError(f"cannot keep the jars of Kafka in {directory}: {error}") from error
    return [directory / jar.file_name for jar in jars]


def _fetch_all(missing: list[Jar], directory: Path, console: Console) -> None:
    size = sum(jar.size for jar in missing)
    console.print(
        f"Fetching Kafka {KAFKA_VERSION} ({len(missing)} jars, {size / 1e6:.0f} MB), once, to {directory}",
        highlight=False,
        soft_wrap=True,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with (
        Progress(*columns, console=console, transient=True) as progress,
        tempfile.TemporaryDirectory(dir=directory, prefix=".partial-") as aside,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        task = progress.add_task("Kafka", total=size)

        def arrived(count: int) -> None:
            progress.advance(task, count)

        try:
            for _ in pool.map(lambda jar: _fetch(jar, Path(aside), directory, arrived), missing):
                pass
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch(jar: Jar, aside: Path, directory: Path, arrived: Callable[[int], None]) -> None:
    @contextmanager
    def report(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield arrived

    context = MavenContext(
        resolver=PythonResolver(progress_callback=report),
        repo_cache=aside,
        remote_repos=repositories(),
        timeout=_TIMEOUT_SECONDS,
    )
    try:
        path = Path(context.create_dependency(jar.coordinate).artifact.resolve())
    except (OSError, RuntimeError) as error:
        raise BrokerError(
            f"cannot fetch {jar.coordinate} from the Maven repositories; the first start of the embedded "
            f"broker needs them, later ones do not: {error}"
        ) from error
    if hashlib.sha256(path.read_bytes()).hexdigest() != jar.sha256:
        raise BrokerError(f"{jar.coordinate} came with another content than {LOCK.name} pins; not used")
    path.replace(directory / jar.file_name)
