"""A whole worker whose loop over plain orders is not compiled. `faust -A benchmarks.profile.not_compiled`."""

from service.app import create_app
from service.domain.records import placing, plain
from service.settings import load

placing.keep_plain = plain.keep_plain  # type: ignore[attr-defined]

app = create_app(load())
