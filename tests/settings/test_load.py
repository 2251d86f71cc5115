"""Where settings come from, and what is said about wrong ones."""

from fractions import Fraction
from pathlib import Path

import pytest

from schemas.decode import LIMIT
from service.domain.metrics import Definitions
from service.domain.records import Limits
from service.settings import Settings, SettingsError, load, load_with_origins
from service.settings.load import unknown_variables


def refused(config: Path | None = None, **options: object) -> str:
    with pytest.raises(SettingsError) as told:
        load(config, options)
    return str(told.value)


def test_without_anything_every_setting_has_its_default() -> None:
    loaded = load_with_origins()
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}
    assert set(loaded.origins) == set(Settings.model_fields)


def test_defaults_are_those_of_the_contract_and_the_domain() -> None:
    settings = Settings()
    assert settings.definitions() == Definitions()
    assert settings.limits() == Limits()
    assert settings.max_record_bytes == LIMIT


def test_options_win_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "subpulse.toml"
    file.write_text("# ours\nhttp_port = 1\nhttp_host = 'localhost'\nchunk = 7\n")
    monkeypatch.setenv("SUBPULSE_HTTP_PORT", "2")
    monkeypatch.setenv("SUBPULSE_HTTP_HOST", "127.0.0.2")
    loaded = load_with_origins(file, {"http_port": 3, "brokers": None})
    assert (loaded.settings.http_port, loaded.settings.http_host, loaded.settings.chunk) == (
        3,
        "127.0.0.2",
        7,
    )
    assert loaded.origins["http_port"] == "option --http-port"
    assert loaded.origins["http_host"] == "environment variable SUBPULSE_HTTP_HOST"
    assert loaded.origins["chunk"] == f"file {file}, line 4"
    assert loaded.origins["brokers"] == "default"


def test_the_file_can_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('windows = ["30d", "last_month"]\nmargin = 0.7\n')
    monkeypatch.setenv("SUBPULSE_CONFIG", str(tmp_path / "s.toml"))
    settings = load()
    assert settings.windows == ("30d", "last_month")
    assert settings.margin == Fraction(7, 10)
    assert settings.definitions().margin == Fraction(7, 10)


def test_an_empty_environment_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBPULSE_HTTP_PORT", "")
    assert load().http_port == Settings().http_port


def test_settings_made_in_code_do_not_look_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBPULSE_HTTP_PORT", "9")
    assert Settings().http_port == 8_000


def test_lists_are_written_with_commas_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBPULSE_WINDOWS", "30d, 72h,30d")
    assert load().windows == ("30d", "72h")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("http_port", "70000", "a whole number from 0 to 65,535"),
        ("http_port", "x", "a whole number from 0 to 65,535"),
        ("commit_interval", "0", "a number from 0.05 to 10"),
        ("commit_interval", "nan", "a number from 0.05 to 10"),
        ("clock", "sun", "one of wall, event"),
        ("time_zone", "Mars/Base", "an IANA name"),
        ("time_zone", "../etc/passwd", "an IANA name"),
        ("time_zone", "Europe", "an IANA name"),
        ("windows", "30d,month", "last_month, last_quarter or last_year"),
        ("windows", ",", "last_month, last_quarter or last_year"),
        ("margin", "0", "a number above 0 and up to 1"),
        ("margin", "1.01", "a number above 0 and up to 1"),
        ("margin", "1/0", "a number above 0 and up to 1"),
        ("brokers", "kafka", "HOST:PORT"),
        ("brokers", "kafka:0", "HOST:PORT"),
        ("application", "a b", "letters, digits"),
        ("orders_topic", ".", "letters, digits"),
        ("tls_ca_file", "/nowhere/ca.pem", "a file that can be read"),
        ("http_host", " ", "an address"),
    ],
)
def test_a_wrong_setting_names_itself_its_range_its_value_and_its_origin(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"SUBPULSE_{name.upper()}", value)
    sentence = refused()
    assert sentence.startswith(f"setting {name} (environment variable SUBPULSE_{name.upper()}): must be ")
    assert told in sentence
    assert repr(value) in sentence
    assert "\n" not in sentence


def test_every_wrong_setting_is_told(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text("partitions = 0\n\nchunk = 0\n")
    sentences = refused(file).splitlines()
    assert len(sentences) == 2
    assert sentences[0].startswith(f"setting partitions (file {file}, line 1): must be ")
    assert sentences[1].startswith(f"setting chunk (file {file}, line 3): must be ")


def test_a_misspelt_name_in_the_file_is_told_with_the_right_one(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text("http_prot = 8001\n")
    assert (
        refused(file)
        == f"setting http_prot (file {file}, line 1): there is no such setting; did you mean http_port?"
    )


def test_a_misspelt_environment_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBPULSE_BROKER", "a:1")
    monkeypatch.setenv("SUBPULSE_CONFIG", "")
    assert unknown_variables() == ["SUBPULSE_BROKER"]


@pytest.mark.parametrize(("text", "told"), [("http_port 3", "is not TOML"), ("a = \xff", "is not TOML")])
def test_a_file_that_is_not_toml_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "s.toml").write_bytes(text.encode("latin-1"))
    assert told in refused(tmp_path / "s.toml")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.toml").endswith("none.toml cannot be read: No such file or directory")


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text("sasl_password = [1, 2]\n")
    assert "1" not in refused(file).partition("line 1")[2]
    settings = Settings(security_protocol="SASL_SSL", sasl_username="me", sasl_password="wonderland")
    assert "wonderland" not in repr(settings)
    assert settings.password == "wonderland"


def test_a_password_can_be_kept_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wonderland \n")
    settings = Settings(
        security_protocol="SASL_SSL", sasl_username="me", sasl_password_file=tmp_path / "secret"
    )
    assert settings.password == "wonderland "


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"orders_topic": "x", "summaries_topic": "x"}, "orders_topic and summaries_topic are both 'x'"),
        ({"security_protocol": "SASL_SSL"}, "needs sasl_username"),
        ({"security_protocol": "SASL_SSL", "sasl_password": "x"}, "needs sasl_username"),
        ({"sasl_username": "me", "sasl_password": "x"}, "choose SASL_SSL"),
        ({"tls_key_password": "x"}, "choose SSL or SASL_SSL"),
        ({"security_protocol": "SSL", "tls_key_file": "KEY"}, "belong together"),
        ({"http_tls_key_file": "KEY"}, "belong together"),
        ({"http_token": "x" * 16, "http_token_file": "KEY"}, "keep one of them"),
        ({"http_token": "x" * 15}, "too short"),
        ({"referral_ranks": True}, "set erasure_secret_file to a file with 16 or more characters"),
        ({"http_token": "a token with blanks"}, "other characters"),
        ({"http_token_file": "KEY"}, "too short"),
    ],
)
def test_settings_that_do_not_fit_together_are_told(tmp_path: Path, options: dict, told: str) -> None:
    (tmp_path / "key").write_text("")
    options = {name: tmp_path / "key" if value == "KEY" else value for name, value in options.items()}
    sentence = refused(**options)
    assert told in sentence
    assert sentence.startswith("settings: ")


@pytest.mark.parametrize(
    ("given", "window", "least"),
    [
        ({"horizon_days": 1_096}, "last_year", 1_097),
        ({"windows": "30d,3650d"}, "3650d", 7_301),
        ({"windows": "last_quarter,9999h", "horizon_days": 800}, "9999h", 835),
        ({"windows": "700d", "guarantee_days": 365, "horizon_days": 1_400}, "700d", 1_401),
        ({"windows": "last_year", "guarantee_days": 365, "horizon_days": 1_096}, "last_year", 1_097),
    ],
)
def test_a_horizon_shorter_than_a_window_looks_back_is_refused(
    given: dict[str, object], window: str, least: int
) -> None:
    sentence = refused(**given)
    assert "horizon_days" in sentence
    assert f"window {window} (setting windows" in sentence
    assert f"set horizon_days to {least:,} or more" in sentence
    assert load(None, {**given, "horizon_days": least}).horizon_days == least


def test_lecture_ltv_needs_two_years_whatever_the_windows() -> None:
    assert "from 731 to" in refused(windows="24h", horizon_days=730)
    assert load(None, {"windows": "24h", "horizon_days": 731})


def test_definitions_and_limits_follow_the_settings() -> None:
    settings = Settings(guarantee_days=30, horizon_days=1_400, customer_orders=5, time_zone="Asia/Tokyo")
    definitions, limits = settings.definitions(), settings.limits()
    assert (definitions.guarantee_hours, definitions.horizon_days, definitions.time_zone) == (
        720,
        1_400,
        "Asia/Tokyo",
    )
    assert (limits.orders, limits.transitions) == (5, 10_000)
