"""The Java jobs: built by Maven, with pinned versions, when their sources have changed."""

import re
import shutil
import subprocess
from pathlib import Path

from keeping import ROOT
from keeping.lines import mark_of, texts

HERE = Path(__file__).parent / "java"
BUILT = ROOT / ".cache" / "peers" / "java"
HEAP = ("-Xms1g", "-Xmx1g")
# What Flink's serializers look into, as Flink's own start scripts allow.
OPEN = ("--add-opens", "java.base/java.lang=ALL-UNNAMED", "--add-opens", "java.base/java.util=ALL-UNNAMED")


class MissingError(Exception):
    """The Java jobs cannot be built here; the text says what to install, or what Maven said."""


def command(module: str) -> list[str]:
    """How the job of `module` is started, but for its arguments."""
    jars = f"{BUILT / module / module}.jar:{BUILT / module / 'lib'}/*"
    return ["java", *HEAP, *OPEN, "-cp", jars, "peers.Totals"]


def version() -> str:
    """Of the Java that is on the path."""
    if not shutil.which("java"):
        return "none"
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "([^"]+)"', told)
    return found[1] if found else "unknown"


def build() -> None:
    """Bring the jars to what the sources say.

    Raises:
        MissingError: there is no JDK, no Maven, or the build failed.
    """
    absent = [name for name in ("java", "javac", "mvn") if not shutil.which(name)]
    if absent:
        raise MissingError(f"needs {', '.join(absent)} (Debian: apt install openjdk-17-jdk-headless maven)")
    mark, wanted = BUILT / "built", mark_of(texts([str(HERE.relative_to(ROOT))], (".java", ".xml")))
    if mark.exists() and mark.read_text() == wanted:
        return
    run = subprocess.run(
        ["mvn", "--batch-mode", "--quiet", "package"], cwd=HERE, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise MissingError(f"Maven could not build it: {run.stdout.strip()[-1_000:]}")
    mark.write_text(wanted)
