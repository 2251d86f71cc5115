from collections.abc import Sequence

from schemas import fast
from service.domain.records.ledger import Ledger
from service.domain.records.outcome import Outcome
from service.domain.records.plain import Kept

def keep_plain(
    ledger: Ledger,
    room: int,
    events: Sequence[fast.OrderPlaced],
    first: int,
    horizon: int,
    kept: Kept,
    outcomes: list[Outcome],
) -> int: ...
