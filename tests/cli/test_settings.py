"""`subpulse settings`."""

import json
from pathlib import Path

from service.settings import Settings
from tests.cli.calling import failed_with_a_sentence, subpulse


def rows(*arguments: str | Path, **environment: str) -> dict[str, dict[str, str]]:
    done = subpulse("settings", "--json", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)}


def test_every_setting_is_shown_with_its_origin(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("partitions = 3\n")
    found = rows(
        "--config", file, "--set", "chunk=5", "--set", "http-port=1", SUBPULSE_TIME_ZONE="Asia/Tokyo"
    )
    assert list(found) == list(Settings.model_fields)
    told = {name: (row["value"], row["origin"]) for name, row in found.items() if row["origin"] != "default"}
    assert told == {
        "partitions": ("3", f"file {file}, line 1"),
        "time_zone": ("Asia/Tokyo", "environment variable SUBPULSE_TIME_ZONE"),
        "chunk": ("5", "option --set chunk"),
        "http_port": ("1", "option --set http_port"),
    }


def test_passwords_are_hidden_everywhere() -> None:
    secret = {
        "SUBPULSE_SECURITY_PROTOCOL": "SASL_SSL",
        "SUBPULSE_SASL_USERNAME": "alice",
        "SUBPULSE_SASL_PASSWORD": "wonderland",
    }
    assert rows(**secret)["sasl_password"]["value"] == "(hidden)"
    for arguments in ([], ["--json"], ["--set", "chunk=x"]):
        done = subpulse("settings", *arguments, **secret)
        assert "wonderland" not in done.stdout + done.stderr


def test_a_password_on_a_command_line_is_refused() -> None:
    done = subpulse("settings", "--set", "sasl_password=wonderland")
    assert failed_with_a_sentence(done, "use the environment (SUBPULSE_SASL_PASSWORD) or a file")
    assert "wonderland" not in done.stderr


def test_the_table_shows_value_origin_and_meaning() -> None:
    done = subpulse("settings", SUBPULSE_CHUNK="77")
    assert "77" in done.stdout
    assert "Most records handed over at once." in done.stdout


def test_a_misspelt_variable_is_pointed_out() -> None:
    done = subpulse("settings", SUBPULSE_TIMEZONE="Asia/Tokyo")
    assert "SUBPULSE_TIMEZONE in the environment is no setting" in done.stderr
    assert done.returncode == 0
