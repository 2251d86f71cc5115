"""Wires the rooms together: the only file that knows them all. `faust -A service.app` finds `app` here."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from schemas.instants import DAY, parse_instant
from schemas.topics import MODELS
from service import logs
from service.domain.insights import Watcher
from service.domain.metrics.fits import Fits
from service.errors import UserError
from service.exposition.neighbours import own_url
from service.exposition.server import serve
from service.figures.almanac import Almanac
from service.figures.clock import Clock
from service.figures.computing import Computing
from service.figures.daily import Daily
from service.figures.desk import Desk
from service.figures.forecast import Forecast
from service.figures.guidance import Guide
from service.figures.refresh import Refresher
from service.figures.summaries import Summaries
from service.figures.views import Views
from service.figures.watching import Watching
from service.letters.erasing import Shredder
from service.letters.pile import Piles
from service.settings import Settings, load
from service.stream import lean
from service.stream.checkpoint import Checkpoint
from service.stream.connection import client_options
from service.stream.credits import CreditIntake
from service.stream.day_marks import DayMarks
from service.stream.day_rows import made_by
from service.stream.endings import PERSON_NEEDED, end
from service.stream.engine import Engine, add_agent, new_engine, take_on_rebalance
from service.stream.intake import Intake
from service.stream.loop_lag import LoopLag
from service.stream.owned import Owned
from service.stream.recovery import Recovery
from service.stream.sharing import Deployment
from service.stream.startup import reach
from service.stream.status import Status
from service.stream.store import Store
from service.stream.telemetry import Telemetry


def create_app(settings: Settings) -> Engine:
    """The Faust app of one worker."""
    lean.install()
    client, kinds = client_options(settings), settings.sources
    sources, group = tuple(kinds.values()), settings.application
    own = settings.own_topics
    definitions, limits = settings.definitions(), settings.limits()
    secret = (settings.erasure_key or "").encode()
    since = parse_instant(settings.insights_since) if settings.insights_since else None
    telemetry, status = Telemetry.of(sources), Status()
    views = Views(status, settings.refresh_interval)
    credits = settings.credited_topic
    checkpoint = Checkpoint(
        client, group, *own, days=settings.days_topic, insights=settings.told_topic, credits=credits
    )
    go_on = settings.missing_records == "continue"
    recovery = Recovery(client, group, own.changelog, sources, credits=credits, go_on=go_on)
    others = (own.dead_letters, own.summaries, *settings.further_topics)
    ours = Deployment(group, own.changelog, sources, others, credits)
    store = Store(
        lambda number: Owned(
            number,
            limits,
            secret,
            referral_ranks=settings.referral_ranks,
            days=DayMarks(made_by(definitions)),
            watcher=Watcher(settings.insight_rules()) if settings.insights else None,
        ),
        checkpoint,
        recovery,
        telemetry,
        status,
        settings.instance_id,
        settings.commit_pause,
    )
    clock = Clock(settings.clock, definitions.horizon, store)
    desk = Desk(lambda: store.parts, clock.now, definitions, sums=lambda: views.latest.sums)
    engine = new_engine(settings, logs.config(settings.log_level))
    engine.store, engine.sources = store, ours.read
    engine.chunk, engine.client_options = settings.chunk, client
    take_on_rebalance(engine)
    for kind in MODELS:
        add_agent(engine, Intake(kind, kinds[kind], telemetry, clock.horizon, settings.max_record_bytes))
    if credits is not None:
        add_agent(engine, CreditIntake(credits, lambda: store.changelog))

    async def prepare(engine: Engine) -> None:
        try:
            address = await engine.open_things.enter_async_context(
                serve(status, telemetry, views, settings, desk)
            )
        except UserError as error:
            end(PERSON_NEEDED, str(error))
        partitions, changelog = await reach(client, ours, engine, status)
        desk.partitions = partitions
        store.use(changelog)
        thread = engine.open_things.enter_context(ThreadPoolExecutor(1, "refresh"))
        desk.refresh_thread = thread
        apart = engine.open_things.enter_context(ThreadPoolExecutor(1, "forecast"))
        forecast = Forecast(definitions, settings.forecast_interval, apart, telemetry)
        summaries = Summaries(
            client,
            topic=own.summaries,
            sources=ours.read,
            partitions=partitions,
            definitions=definitions,
            views=views,
            thread=thread,
            interval=settings.refresh_interval,
        )
        clock.summaries = summaries

        def fits() -> Fits:
            return summaries.board.models_told().fits

        desk.owners, desk.fits = summaries.board.owners, fits
        guide = Guide(summaries.board, views, forecast, thread)
        refresher = Refresher(
            store,
            summaries,
            guide,
            Computing(definitions, thread),
            clock,
            fingerprint=definitions.fingerprint(),
            interval=settings.refresh_interval,
            telemetry=telemetry,
            status=status,
            generation=lambda: engine.consumer_generation_id,
            want_positions=engine.want_positions,
            marks_kept=settings.erasure_days * DAY,
            watching=Watching(fits, since),
            url=own_url(settings, address),
        )
        piles = Piles(client, own.dead_letters, store, telemetry)
        loop_lag = LoopLag(telemetry.loop_lag)
        shredder = Shredder(
            client, own.dead_letters, settings.marketing_topic, settings.insights_topic, store
        )
        engine.beside = (
            *(summaries.run, refresher.run, refresher.listen),
            *(piles.run, shredder.run, forecast.run, loop_lag.run),
        )
        if settings.days_topic is not None:
            daily = Daily(store, definitions, clock.now, thread, settings.history_days)
            engine.beside = (*engine.beside, daily.run)
            almanac = Almanac(client, settings.days_topic, made_by(definitions), lambda: summaries.board)
            desk.written = almanac.shares

    engine.prepare = prepare
    return engine


def __getattr__(name: str) -> Any:
    """`app`, made when it is first asked for: importing this module reads no settings."""
    if name == "app":
        try:
            globals()["app"] = create_app(load())
        except UserError as error:
            end(PERSON_NEEDED, str(error))
        return globals()["app"]
    raise AttributeError(name)
