"""A file of orders and returns is the history that the live road records of the same orders and returns."""

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kizuna.connect.csv import parse_mapping, read_history
from kizuna.simulate import recorded
from road import event, order

FOLDER = Path(__file__).parents[2] / "examples" / "backtest"
TOKYO = ZoneInfo("Asia/Tokyo")
NAMES = ("at", "of", "amount", "exists", "items", "channel", "store")


def number(text: str) -> int:
    return int(text.replace(",", ""))


def told() -> list[bytes]:
    """What the shop's till would have sent, one order or return after the other."""
    with (FOLDER / "orders.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    gathered = defaultdict(list)
    for row in rows:
        at = datetime.strptime(row["取引日時"], "%Y/%m/%d %H:%M").replace(tzinfo=TOKYO)
        gathered[(at, row["取引番号"], row["取引区分"])].append(row)
    events = []
    for (at, id_, kind), lines in sorted(gathered.items(), key=lambda one: one[0]):
        who = f"customer:{lines[0]['会員番号']}"
        goods = [line for line in lines if line["商品コード"]]
        if kind == "返品":
            back = [
                {"sku": line["商品コード"], "quantity": -number(line["数量"]), "amount": -number(line["金額"])}
                for line in goods
            ]
            data = {"order_id": id_, "lines": back}
            events.append(event(f"back/{id_}", "order.returned", data, who=who, at=at.isoformat()))
            continue
        bought = [
            {
                "sku": line["商品コード"],
                "quantity": number(line["数量"]),
                "amount": number(line["金額"]),
                "category": line["部門"],
            }
            | ({"brand": line["ブランド"]} if line["ブランド"] else {})
            for line in goods
        ]
        place = {"channel": lines[0]["販売チャネル"]} | ({"store": lines[0]["店舗名"]} if lines[0]["店舗名"] else {})
        amount = sum(number(line["金額"]) for line in lines)
        events.append(order(id_, amount, who=who, at=at.isoformat(), lines=bought, **place))
    return events


def plain(history):
    """What a history tells, but for who the members are: they are numbered as they first come."""
    seen: dict[str, int] = {}
    return [
        (
            seen.setdefault(row["member"], len(seen)),
            *(row[name] for name in NAMES),
            [
                tuple(line[name] for name in ("sku", "category", "brand", "amount", "quantity"))
                for line in row["lines"] or ()
            ],
        )
        for row in history.table.to_pylist()
    ]


def test_a_file_replays_what_the_road_records(brand, road_of):
    mapping = parse_mapping((FOLDER / "mapping.yaml").read_text(encoding="utf-8"))
    read = read_history([FOLDER / "orders.csv"], mapping, currency="JPY", currency_digits=0, country="JP")

    async def story(on):
        results = await on.tell(*told())
        assert [one for one in results if isinstance(one, Exception)] == []
        async with on.db.transaction(brand.schema) as conn:
            return await recorded(conn, brand)

    live = road_of(brand).run(story)
    assert len(live) == len(read.history) == 64
    assert plain(read.history) == plain(live)
