"""`kizuna backtest` writes what a person reads and takes along: one page, and every table as CSV and Parquet."""

from pathlib import Path

import pyarrow.parquet as pq
from click.testing import CliRunner

from kizuna.cli import main

ROOT = Path(__file__).resolve().parents[2]
ORDERS = ROOT / "examples" / "orders"
GROCER = ROOT / "examples" / "grocer" / "program.yaml"


def test_a_report_and_tables_come_from_files_of_orders(tmp_path: Path) -> None:
    other = tmp_path / "half.yaml"
    other.write_text(GROCER.read_text(encoding="utf-8").replace("per: 100", "per: 200"), encoding="utf-8")
    page, folder = tmp_path / "report.html", tmp_path / "tables"
    asked = [
        *("backtest", str(GROCER), "--compare", str(other), "--orders", str(ORDERS / "orders.csv")),
        *("--mapping", str(ORDERS / "mapping.yaml"), "--margin", "25", "--redeem", "multiples:500", "--processes", "1"),
        *("--grid", "earning_rules.purchase.award.per=50,100", "--grid", "units.points.expiry.after_days=30,90"),
        *("--report", str(page), "--tables", str(folder), "--lang", "en"),
    ]
    done = CliRunner().invoke(main, asked, obj=None)
    assert done.exit_code == 0, done.output
    html = page.read_text(encoding="utf-8")
    assert "Back-test: 2 designs" in html
    assert "per = 50" in html
    assert "<style>" in html
    designs = pq.read_table(folder / "totals.parquet")["design"].to_pylist()
    assert designs == ["program", "half"]
    assert (folder / "months.csv").read_text(encoding="utf-8-sig").startswith("design,month,sales")
