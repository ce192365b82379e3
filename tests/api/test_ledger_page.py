"""The ledger statement over HTTP: a period's accounts on screen, and as files that say the same."""

import csv
import io
from contextlib import closing
from datetime import date

import pyarrow.parquet as pq

from api.desk import furnished, sign_in, tab_of
from api.served import run_on
from kizuna.ledger import BOOKKEEPER, NO_RULE, Book, BookLine
from kizuna.program import parse
from kizuna.runtime.outbox import follow_once, waiting
from kizuna.web.console.ledger.reads import line_name
from road import GROCER


def test_the_page_and_its_files_say_the_same_of_a_period(site):
    shop, email = furnished(site)

    async def book(db):
        while await waiting(db, shop.brand.schema, BOOKKEEPER.name):
            await follow_once(db, shop.brand.schema, BOOKKEEPER)

    run_on(shop.server, book)
    with closing(tab_of(site)) as tab:
        sign_in(tab, email)
        page = tab.get("/console/ledger?from=2020-01-01")
        assert page.status_code == 200
        assert "ポイント台帳" in page.text
        assert "発行" in page.text
        file = tab.get("/console/ledger.csv?from=2020-01-01")
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
        table = pq.read_table(io.BytesIO(tab.get("/console/ledger.parquet?from=2020-01-01").content))
        assert table.column_names == rows[0]
        assert [[str(value) for value in row.values()] for row in table.to_pylist()] == rows[1:]
        assert rows[1][1] == "issued"
        assert int(rows[1][4]) > 0
        assert f"-{date(2020, 1, 1)}-" in file.headers["content-disposition"]
        assert tab.get("/console/ledger?from=2020-02-01&to=2020-01-01").status_code == 422
        assert "2020-02-01" in tab.get("/console/ledger?from=2020-02-01&to=2020-01-01").text
        assert tab.get("/console/ledger.csv?from=yesterday").status_code == 422
        for path, status in (("/console/ledger?from=2026-11-211", 422), ("/console/corrections/file/x", 404)):
            refused = tab.get(path)
            assert refused.status_code == status
            assert "should" not in refused.text, "no library's English"
    with closing(tab_of(site)) as stranger:
        assert stranger.get("/console/ledger.csv").status_code == 303


def test_every_line_bears_a_name_that_people_know():
    program = parse(f"{GROCER}\nadjustments: {{reasons: [{{id: pool, name: {{ja: プール, en: Swimming}}}}]}}\n")
    for book, account, ja in (
        (Book.ADJUSTED, "opening_balance", "開始時の残高"),
        (Book.ADJUSTED, "pool", "プール"),
        (Book.TRANSFERRED, "pool", "家族・グループ"),
        (Book.TRANSFERRED, "merge", "会員の統合"),
        (Book.REDEEMED, "reward:coffee", "coffee"),
        (Book.ADJUSTED, "forgotten", "forgotten"),
    ):
        assert line_name(program, BookLine(0, book, 0, NO_RULE, account, 0, 1, 1))["ja"] == ja
