"""Before Faust starts: wait for the broker, then make sure that the topics fit together."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from service.domain.records import UnknownFormatError
from service.stream.connection import PATIENCE_MS, AbsentError, AccessError, knock
from service.stream.endings import PERSON_NEEDED, STOPPED, end
from service.stream.engine import Engine
from service.stream.generations import current
from service.stream.sharing import Deployment, SharedNameError, refuse_to_share
from service.stream.status import Status
from service.stream.topics import disagreement, wait_for_topics

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0  # seconds

log = logging.getLogger("subpulse.stream")


async def reach(
    client: Mapping[str, Any], ours: Deployment, engine: Engine, status: Status
) -> tuple[int, str]:
    """Wait for the broker, with back-off, as long as it takes; returns how many partitions each topic has,
    and the changelog that counts.

    Ends the process when it is told to stop meanwhile, when the broker does not let us in, when topics are
    missing or do not fit together, and when another deployment has our name.
    """
    status.enter("waiting for the broker")
    pause = FIRST_PAUSE
    while True:
        if engine.should_stop:
            end(STOPPED, "stopped before the broker answered; nothing was read")
        admin = AIOKafkaAdminClient(**{**client, "request_timeout_ms": PATIENCE_MS})
        try:
            await knock(client)
            await admin.start()
            await refuse_to_share(admin, ours)
            changelog = await current(client, ours.changelog, await admin.list_topics())
            counts = await wait_for_topics(admin, [*ours.read, changelog, *ours.others])
            status.saw_broker()
            status.enter("joining the group")
            return agreed(counts, ours.sources), changelog
        except (AccessError, SharedNameError, UnknownFormatError) as error:
            end(PERSON_NEEDED, str(error))
        except (AbsentError, KafkaError, OSError, TimeoutError) as error:
            log.warning("%s; trying again in %.0f s", error, pause)
        finally:
            await asyncio.wait({asyncio.ensure_future(admin.close())}, timeout=PATIENCE_MS / 1_000)
        await engine.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def agreed(counts: Mapping[str, int], sources: Collection[str]) -> int:
    """The number of partitions that all topics have; ends the process when there is none."""
    if disagree := disagreement(counts, sources):
        end(PERSON_NEEDED, disagree)
    return next(iter(counts.values()))
