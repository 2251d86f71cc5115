"""The settings: a field each, whose description and range are also the reference in docs/configuration.md."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from service.domain import defaults
from service.settings import checks

if TYPE_CHECKING:
    from service.domain.insights import Rules
    from service.domain.metrics import Definitions
    from service.domain.records import Limits

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,248}$")]
File = Annotated[Path, AfterValidator(checks.readable_file)]
NAMES = "1 to 249 letters, digits, '.', '_' or '-'"
TOKENS = "16 or more letters, digits, '-', '.', '_', '~', '+', '/', and '=' at the end"
FILES = "the path of a file that can be read"
LOCAL_BROKER_PORT = 19092  # of `subpulse broker`


def setting(default: Any, meaning: str, allowed: str = "", **constraints: Any) -> Any:
    """A setting; `allowed` says in words what its value may be where the constraints cannot say it."""
    extra: dict[str, Any] | None = {"allowed": allowed} if allowed else None
    return Field(default, description=meaning, json_schema_extra=extra, validate_default=False, **constraints)


class OwnTopics(NamedTuple):
    """The topics that workers write."""

    changelog: str
    dead_letters: str
    summaries: str


class Settings(BaseSettings):
    """Immutable. Holds exactly what it is given; `load` is what reads environment and file."""

    model_config = SettingsConfigDict(
        env_prefix="SUBPULSE_", env_ignore_empty=True, extra="forbid", frozen=True, validate_default=False
    )

    brokers: Annotated[str, AfterValidator(checks.brokers)] = setting(
        f"127.0.0.1:{LOCAL_BROKER_PORT}",
        "Kafka brokers to begin with; the default is where `subpulse broker` listens.",
        "HOST:PORT, several separated by commas",
    )
    application: Name = setting(
        "subpulse",
        "Consumer group and beginning of the transactional ids: workers of one name share the work.",
        NAMES,
    )
    instance_id: Name | None = setting(
        None,
        "Static member name of this worker, unlike all others: it restarts without a rebalance.",
        NAMES,
    )
    partitions: int = setting(8, "Partitions of every topic that `subpulse topics` creates.", ge=1, le=1_000)

    orders_topic: Name = setting("orders", "Topic of the order events.", NAMES)
    subscriptions_topic: Name = setting("subscriptions", "Topic of the subscription events.", NAMES)
    customers_topic: Name = setting("customers", "Topic of the customer events.", NAMES)
    marketing_topic: Name = setting("marketing", "Topic of the marketing events.", NAMES)
    changelog_topic: Name = setting("subpulse-changelog", "Compacted topic that holds the state.", NAMES)
    dead_letters_topic: Name = setting(
        "subpulse-dead-letters", "Compacted topic for records that cannot be used.", NAMES
    )
    summaries_topic: Name = setting(
        "subpulse-summaries", "Compacted topic through which workers share their figures.", NAMES
    )
    history_topic: Name = setting(
        "subpulse-history", "Compacted topic of the daily history, if `history_days` asks for one.", NAMES
    )
    insights_topic: Name = setting(
        "subpulse-insights", "Topic of what is said of single customers, if `insights` asks for it.", NAMES
    )
    referrals_topic: Name = setting(
        "subpulse-referrals",
        "Topic by which partitions tell each other whom customers named, if `referral_ranks` asks for it.",
        NAMES,
    )

    clock: Literal["wall", "event"] = setting(
        "wall", "What `as_of` is: the wall clock, or the newest event (to read history again)."
    )
    time_zone: Annotated[str, AfterValidator(checks.time_zone)] = setting(
        defaults.TIME_ZONE,
        "Time zone that decides on which day an event falls.",
        "an IANA name such as Europe/Berlin",
    )
    windows: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(checks.words), AfterValidator(checks.windows)
    ] = Field(
        default_factory=checks.default_windows,
        description="Windows for which figures are computed.",
        json_schema_extra={
            "allowed": "hours (24h), days (30d), last_month, last_quarter or last_year, separated by commas"
        },
    )
    horizon_days: int = setting(
        defaults.HORIZON_DAYS,
        "How long single orders are kept; older ones count in lifetime totals only. At least as long as the "
        "windows look back: `365d` 731 days, `last_year` 1,097.",
        ge=731,
        le=36_500,
    )
    guarantee_days: int = setting(defaults.GUARANTEE_DAYS, "Length of the refund guarantee.", ge=1, le=365)
    margin: Annotated[Fraction, BeforeValidator(checks.fraction), AfterValidator(checks.share)] = setting(
        defaults.MARGIN,
        "Contribution margin by which formula LTV, lecture LTV and the channel ratios are multiplied.",
        "a number above 0 and up to 1, such as 0.7",
    )
    label_limit: int = setting(
        defaults.LABEL_LIMIT,
        "Most values shown of plan, channel, sku and reason; the rest is `other`.",
        ge=1,
        le=1_000,
    )
    currency_limit: int = setting(
        defaults.CURRENCY_LIMIT, "Most currencies shown; the rest is `other`.", ge=1, le=200
    )
    series_limit: int = setting(
        10_000,
        "Most series of the business on /metrics; metrics with the most labels are left out first.",
        ge=500,
        le=1_000_000,
    )

    magnet_skus: int = setting(
        defaults.MAGNET_SKUS,
        "How many products are kept of each customer, those bought first, to find out which ones draw high "
        "spenders (`magnet_lift`); 0: none. 64 take 2 kB of memory for each customer who bought as many.",
        ge=0,
        le=64,
    )
    referral_ranks: bool = setting(
        defaults.REFERRAL_RANKS,
        "Whether customers are ranked by referral, too: by how many named them in `referred_by`. Needs "
        "`erasure_secret`. Switch it on while no worker runs, then run `subpulse topics` and, for what "
        "came before, `subpulse rebuild`.",
        "true or false",
    )

    refresh_interval: float = setting(
        5.0,
        "Seconds between two computations of the figures; up to 64 times as many where they would take more "
        "than a tenth of the time.",
        ge=0.2,
        le=3_600,
    )
    forecast_interval: float = setting(
        3_600.0, "Seconds between two fits of the models behind predicted value.", ge=10, le=86_400
    )
    history_days: int = setting(
        0,
        "How many local days a daily history is kept of, so that the past is told at once; 0: of none, then "
        "it is computed when asked for.",
        ge=0,
        le=36_500,
    )
    insights: bool = setting(
        False,
        "Whether it is said of single customers that they have churned, are back, are at risk, or are in "
        "another segment: personal data, on a topic of its own.",
        "true or false",
    )
    insights_since: Annotated[str | None, AfterValidator(checks.instant)] = setting(
        None,
        "From when on something is said; without it from when the first worker began to watch. Of use before "
        "that only: afterwards it is known.",
        "an instant such as 2026-01-01T00:00:00Z",
    )
    insights_days: int = setting(
        defaults.INSIGHTS_DAYS, "What came about longer ago is not said any more.", ge=1, le=365
    )
    insights_lapse_days: int = setting(
        defaults.INSIGHTS_LAPSE_DAYS,
        "Days without an order until it is said that a customer has churned (basis `orders`).",
        ge=1,
        le=365,
    )
    insights_overdue: Annotated[
        Fraction, BeforeValidator(checks.fraction), AfterValidator(checks.at_least_one)
    ] = setting(
        defaults.INSIGHTS_OVERDUE,
        "How many times its own mean distance between orders a customer may be silent before it is at risk.",
        "a number from 1 to 100, such as 2.5",
    )
    insights_alive_below: float = setting(
        defaults.INSIGHTS_ALIVE_BELOW,
        "Below which P(alive) a customer is at risk.",
        ge=0.01,
        le=0.99,
    )
    commit_interval: float = setting(
        1.0, "Seconds between two checkpoints; figures of now do not wait for them.", ge=0.05, le=10
    )
    commit_pause: float = setting(
        10.0,
        "The same at most while history is read, when records change again and again and fewer checkpoints "
        "are less work.",
        ge=0.05,
        le=60,
    )
    session_timeout: float = setting(
        10.0, "Seconds after which a silent worker loses its partitions.", ge=1, le=1_800
    )
    patience: float = setting(
        15.0,
        "Seconds without an answer of the broker, progress while records wait, or new figures until "
        "`/readyz` is 503.",
        ge=2,
        le=3_600,
    )
    missing_records: Literal["stop", "continue"] = setting(
        "stop",
        "What to do when retention removed events before they were counted: say how many and end, or go on "
        "without them.",
    )
    chunk: int = setting(1_000, "Most records handed over at once.", ge=1, le=100_000)
    max_record_bytes: int = setting(
        262_144, "A longer record is a dead letter (`too_large`).", ge=1_024, le=4 * 1024 * 1024
    )
    customer_orders: int = setting(
        defaults.CUSTOMER_ORDERS,
        "Most orders kept of one customer; more are dead letters (`customer_limit`).",
        ge=1,
        le=1_000_000,
    )
    customer_transitions: int = setting(
        defaults.CUSTOMER_TRANSITIONS,
        "Most subscription events kept of one customer; more are dead letters (`customer_limit`).",
        ge=1,
        le=1_000_000,
    )

    erasure_secret: SecretStr | None = setting(
        None,
        "Secret of the hashes by which customers who were erased are known again; without one they are "
        "made with what the changelog holds. The same for all workers, and for good.",
        checks.SECRETS,
    )
    erasure_secret_file: File | None = setting(None, "File that holds that secret.", FILES)
    erasure_days: int = setting(
        90,
        "How long such a hash is kept: as long as the source topics can be read again from before.",
        ge=1,
        le=36_500,
    )

    http_host: str = setting(
        "127.0.0.1",
        "Address on which figures and health are served.",
        "an address or a host name",
        pattern=r"^\S+$",
    )
    http_port: int = setting(
        8_000, "Port on which figures and health are served; 0 picks one.", ge=0, le=65_535
    )
    http_connections: int = setting(
        100, "Most connections of that port at once; who comes then is turned away.", ge=1, le=10_000
    )
    http_tls_certificate_file: File | None = setting(
        None, "Certificate (PEM, with its chain) of that port; with it the port speaks HTTPS only.", FILES
    )
    http_tls_key_file: File | None = setting(None, "Key (PEM, not encrypted) of that certificate.", FILES)
    http_token: SecretStr | None = setting(
        None, "Bearer token that every request except /livez must bring.", TOKENS
    )
    http_token_file: File | None = setting(None, "File that holds the bearer token.", FILES)
    http_tls_ca_file: File | None = setting(
        None,
        "Certificates (PEM) of the authorities to trust when another worker is asked; without it those of "
        "this system.",
        FILES,
    )
    advertised_url: Annotated[str | None, AfterValidator(checks.url)] = setting(
        None,
        "Where other workers reach this one; without it the address that it serves, unless that is every "
        "address of the machine.",
        "http:// or https://, a host and a port",
    )
    customer_api: bool = setting(
        False, "Whether `/api/v1/customers` tells all about one customer: personal data.", "true or false"
    )
    log_level: Literal["debug", "info", "warning", "error"] = setting("info", "How much is logged.")

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = setting(
        "PLAINTEXT", "How the brokers are spoken to."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = setting(
        "PLAIN", "How this process says who it is, with a SASL_… protocol."
    )
    sasl_username: str | None = setting(None, "User name for SASL.", "any text")
    sasl_password: SecretStr | None = setting(None, "Password for SASL.", "any text")
    sasl_password_file: File | None = setting(None, "File that holds the password for SASL.", FILES)
    tls_ca_file: File | None = setting(
        None, "Certificates (PEM) of the authorities to trust; without it those of this system.", FILES
    )
    tls_certificate_file: File | None = setting(None, "This client's certificate (PEM).", FILES)
    tls_key_file: File | None = setting(None, "Key (PEM) of this client's certificate.", FILES)
    tls_key_password: SecretStr | None = setting(None, "Password of that key.", "any text")

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        checks.different_topics(
            {name: getattr(self, name) for name in type(self).model_fields if name.endswith("_topic")}
        )
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        checks.security(self.security_protocol, given)
        checks.door(given)
        checks.customers(self.customer_api, self.http_host, self.token)
        checks.token(self.token)
        checks.erasure(given, self.erasure_key)
        checks.referral(self.referral_ranks, self.erasure_key)
        checks.horizon(self.definitions())
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given to the constructor: see `load`."""
        return (init_settings,)

    @property
    def sources(self) -> dict[str, str]:
        """The source topics: kind (as in the contract) to topic name."""
        from schemas.topics import MODELS

        return {kind: getattr(self, f"{kind}_topic") for kind in MODELS}

    @property
    def own_topics(self) -> OwnTopics:
        """The topics that workers write."""
        return OwnTopics(self.changelog_topic, self.dead_letters_topic, self.summaries_topic)

    @property
    def days_topic(self) -> str | None:
        """The topic of the daily history; None where none is kept."""
        return self.history_topic if self.history_days else None

    @property
    def told_topic(self) -> str | None:
        """The topic of what is said of single customers; None where nothing is."""
        return self.insights_topic if self.insights else None

    @property
    def credited_topic(self) -> str | None:
        """The topic of whom customers named; None where nobody is ranked by that."""
        return self.referrals_topic if self.referral_ranks else None

    @property
    def further_topics(self) -> tuple[str, ...]:
        """Topics that workers write where they are asked to, besides that of whom customers named."""
        return tuple(topic for topic in (self.days_topic, self.told_topic) if topic is not None)

    @property
    def password(self) -> str | None:
        """The password for SASL, wherever it is kept."""
        return _secret(self.sasl_password, self.sasl_password_file)

    @property
    def token(self) -> str | None:
        """The bearer token of the HTTP port, wherever it is kept."""
        return _secret(self.http_token, self.http_token_file)

    @property
    def erasure_key(self) -> str | None:
        """The secret of the hashes of erased customers, wherever it is kept."""
        return _secret(self.erasure_secret, self.erasure_secret_file)

    def definitions(self) -> "Definitions":
        """The settings that change figures."""
        from service.domain.metrics import Definitions

        return Definitions(
            time_zone=self.time_zone,
            windows=self.windows,
            guarantee_hours=24 * self.guarantee_days,
            margin=self.margin,
            horizon_days=self.horizon_days,
            label_limit=self.label_limit,
            currency_limit=self.currency_limit,
            magnet_skus=self.magnet_skus,
            referral_ranks=self.referral_ranks,
        )

    def insight_rules(self) -> "Rules":
        """What is said of single customers."""
        from service.domain.insights import Rules

        return Rules(
            self.insights_days, self.insights_lapse_days, self.insights_overdue, self.insights_alive_below
        )

    def limits(self) -> "Limits":
        """How much is kept of one customer."""
        from service.domain.records import Limits

        return Limits(
            orders=self.customer_orders, transitions=self.customer_transitions, skus=self.magnet_skus
        )


def _secret(value: SecretStr | None, file: Path | None) -> str | None:
    if file:
        return file.read_text("utf-8").rstrip("\r\n")
    return value.get_secret_value() if value else None
