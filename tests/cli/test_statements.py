"""Statements on the command line: printed, as JSON, and as files that say the same."""

import csv
import json

import pyarrow.parquet as pq
from click.testing import CliRunner

from kizuna.cli import main
from ledger.test_statements import NOW, PROGRAM, at, live
from road import Road


def test_statements_and_accounts_are_shown_and_saved(make_brand, road_of, server, tmp_path):
    brand = make_brand(PROGRAM)
    env = {"KIZUNA_HOME": str(server.embedded.home), "KIZUNA_BRAND": brand.slug, "KIZUNA_LOG_LEVEL": "warning"}
    period = ("--from", at(-1).date().isoformat(), "--to", NOW.date().isoformat())

    def run(*words: str, code: int = 0) -> str:
        ran = CliRunner().invoke(main, ["ledger", *words], env=env)
        assert ran.exit_code == code, ran.output
        return ran.stdout if code == 0 else ran.output

    async def story(on: Road):
        await live(on)

    road_of(brand).run(story)
    sheets = [tmp_path / "statement.csv", tmp_path / "statement.parquet"]
    told = json.loads(
        run("statement", "customer:hanako", *period, "--csv", str(sheets[0]), "--parquet", str(sheets[1]), "--json")
    )
    assert told["units"]["points"]["closing"] == {"balance": 0, "held": 0, "pending": 0}
    with sheets[0].open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    table = pq.read_table(sheets[1])
    assert table.column_names == header
    assert [[str(value) for value in row.values()] for row in table.to_pylist()] == rows
    assert [row[2] for row in rows if row[1] == "points"][:3] == ["earn", "earn", "earn"]
    printed = run("statement", "customer:hanako", *period)
    assert "charity:forest" in printed
    assert "points: 0 → 0" in printed
    assert "There is no member" in run("statement", "customer:nobody", *period, code=1)

    assert run("accounts", *period, "--check", "--json")
    table_text = run("accounts", *period, "--csv", str(tmp_path / "accounts.csv"))
    assert "outstanding" in table_text
    facts = json.loads(run("accounts", *period, "--rebuild", "--check", "--json"))
    assert facts["differences"] == []
    assert facts["units"]["points"]["totals"]["redeemed"] == 60
    assert facts["units"]["points"]["cost"] == 720
    assert facts["units"]["miles"]["cost"] is None
    swept = json.loads(run("sweep", "--json"))
    assert swept["entries"] > 0
    assert "is a day to come" in run("sweep", "--as-of", "2999-01-01", code=1)
