"""`./dev bench profile`: which stage a stack belongs to."""

import inspect
import subprocess
import sys

import pytest

from benchmarks.profile.stages import STAGES, shares, stage_of
from schemas.decode import Decoder
from service.domain.metrics import summarize
from service.domain.records.placing import Placing
from service.exposition.server import serve
from service.figures.refresh import Refresher
from service.stream.checkpoint import Checkpoint
from service.stream.intake import Intake
from service.stream.judging import Judge

TAKE = (Intake.take,)


def frame(function: object) -> str:
    """As py-spy writes it."""
    source = inspect.getsourcefile(inspect.unwrap(function))  # type: ignore[arg-type]
    assert source is not None
    parts = source.split("/")
    room = next(i for i, part in enumerate(parts) if part in ("service", "schemas"))
    return f"{function.__qualname__} ({'/'.join(parts[room:])}:7)"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("stage", "functions"),
    [
        ("take in", TAKE),
        ("judge", (*TAKE, Judge.sift)),
        ("decode", (*TAKE, Judge.sift, Decoder.many)),
        ("apply", (*TAKE, Placing.place)),
        ("checkpoint", (*TAKE, Checkpoint.save, Placing.place)),
        ("refresh", (Refresher.run, summarize)),
        ("exposition", (serve,)),
    ],
)
def test_a_stack_belongs_to_the_first_stage_that_any_of_its_frames_does(stage, functions):
    stack = ";".join(
        ["thread (1): MainThread", "run_forever (asyncio/base_events.py:1)", *map(frame, functions)]
    )
    assert stage_of(stack) == stage


def test_what_waits_does_not_count_and_the_shares_add_up():
    loop = "thread (1): MainThread;_run_once (asyncio/base_events.py:1)"
    found = shares(
        [
            f"{loop};EpollSelector.select (selectors.py:468) 900",
            f"{loop};{frame(Intake.take)} 30",
            f"{loop};{frame(Intake.take)};{frame(Decoder.many)} 50",
            f"{loop} 20",
        ]
    )
    assert {stage: share for stage, share in found.items() if share} == {
        "decode": 0.5,
        "take in": 0.3,
        "loop and Faust": 0.2,
    }
    assert [*found] == [*STAGES]


SWITCHED_OFF = {
    "not_compiled": "from service.domain.records import placing, plain; "
    "found = placing.keep_plain is plain.keep_plain",
    "uncollected": "import gc; from service import memory; memory.tune(); found = not gc.isenabled()",
}


@pytest.mark.parametrize("module", SWITCHED_OFF)
def test_a_step_of_the_ladder_switches_off_what_it_says(module):
    program = f"from benchmarks.profile.{module} import app; {SWITCHED_OFF[module]}; print(found)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stdout == "True\n", run.stderr
