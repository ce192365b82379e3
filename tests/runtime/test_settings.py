"""Settings are read once, checked, documented from one table, and keep their secrets to themselves."""

import dataclasses
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kizuna.core.errors import SettingInvalid
from kizuna.runtime.settings import SETTINGS, Settings, document, read_or_create_secret

ROOT = Path(__file__).resolve().parents[2]


def test_an_empty_environment_gives_the_defaults():
    settings = Settings.load({"HOME": "/nowhere"})
    assert settings.home == Path("~/.kizuna").expanduser()
    assert settings.database_url is None
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.pool_size == 10
    assert settings.body_limit_bytes == 5_242_880
    assert settings.event_future_tolerance_s == 300
    assert settings.embedded_port is None
    assert settings.log_level == "info"


def test_a_variable_that_is_empty_counts_as_not_set():
    assert Settings.load({setting.name: " " for setting in SETTINGS}) == Settings.load({})


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("KIZUNA_HOME", "/srv/loyalty", "home", Path("/srv/loyalty")),
        ("DATABASE_URL", "postgres://a:b@db/x", "database_url", "postgresql://a:b@db/x"),
        (
            "DATABASE_URL",
            "postgresql://a:b@db/x?sslmode=require",
            "database_url",
            "postgresql://a:b@db/x?sslmode=require",
        ),
        ("KIZUNA_HOST", "0.0.0.0", "public_url", "http://localhost:8080"),  # noqa: S104 - the case under test
        ("KIZUNA_HOST", "::1", "public_url", "http://[::1]:8080"),
        ("KIZUNA_PORT", "9000", "public_url", "http://127.0.0.1:9000"),
        ("KIZUNA_PUBLIC_URL", "https://points.example.jp/", "public_url", "https://points.example.jp"),
        ("KIZUNA_BODY_LIMIT_BYTES", "1_048_576", "body_limit_bytes", 1_048_576),
        ("KIZUNA_EMBEDDED_PORT", "25432", "embedded_port", 25_432),
        ("KIZUNA_LOG_LEVEL", "DEBUG", "log_level", "debug"),
    ],
)
def test_a_value_is_read(name, value, field, read):
    assert getattr(Settings.load({name: value}), field) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("DATABASE_URL", "hunter2"),
        ("KIZUNA_HOME", "~no-such-user/kizuna"),
        ("KIZUNA_PORT", "0"),
        ("KIZUNA_PORT", "65536"),
        ("KIZUNA_EMBEDDED_PORT", "five"),
        ("KIZUNA_POOL_SIZE", "0"),
        ("KIZUNA_PUBLIC_URL", "points.example.jp"),
        ("KIZUNA_PUBLIC_URL", "https://points.example.jp/?a=1"),
        ("KIZUNA_PUBLIC_URL", "http://[half"),
        ("KIZUNA_SECRET", "hunter2"),
        ("KIZUNA_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_names_its_setting_and_not_itself(name, value):
    with pytest.raises(SettingInvalid) as caught:
        Settings.load({name: value})
    assert caught.value.facts["name"] == name
    assert "hunter2" not in str(caught.value)


def test_no_secret_shows_in_the_repr():
    settings = Settings.load({"DATABASE_URL": "postgresql://a:hunter2@db/x", "KIZUNA_SECRET": "hunter2" * 5})
    assert "hunter2" not in repr(settings)
    assert settings.secret() == "hunter2" * 5


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path):
    home = tmp_path / "new" / "home"
    first = Settings.load({"KIZUNA_HOME": str(home)}).secret()
    assert len(first) == 64
    assert Settings.load({"KIZUNA_HOME": str(home)}).secret() == first
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["secret"]


def test_a_secret_file_that_was_emptied_is_refused(tmp_path):
    (tmp_path / "secret").touch()
    with pytest.raises(SettingInvalid, match="KIZUNA_SECRET"):
        Settings.load({"KIZUNA_HOME": str(tmp_path)}).secret()


def test_those_who_race_for_a_secret_agree(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(read_or_create_secret, [tmp_path / "secret"] * 64))
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_the_table_fills_every_field_once():
    assert sorted(setting.field for setting in SETTINGS) == sorted(field.name for field in dataclasses.fields(Settings))


def test_the_page_of_settings_is_true():
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == document(), "run: python -m kizuna.runtime.settings > docs/settings.md"
