"""A whole worker that never looks for garbage in cycles. `faust -A benchmarks.profile.uncollected`."""

import gc

from service.app import create_app
from service.settings import load

gc.disable()  # for good: `service.memory.tune` only says how seldom it would be done

app = create_app(load())
