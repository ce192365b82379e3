"""Generated orders of generated members, as a till would send them: plain strings, made before any clock starts."""

import random
from datetime import UTC, datetime, timedelta

MEMBERS = 10_000
WARM_DAYS = 8


def order(id_: str, member: int, at: datetime, draw: random.Random) -> bytes:
    """One CloudEvent of two lines, about 400 bytes."""
    first, second = draw.randrange(100, 9000), draw.randrange(100, 4000)
    return (
        f'{{"specversion":"1.0","id":"{id_}","source":"till-{member % 40}","type":"order.completed",'
        f'"time":"{at:%Y-%m-%dT%H:%M:%SZ}","subject":"customer:{member:06}",'
        f'"data":{{"order_id":"{id_}","amount":{first + second},"currency":"JPY","store":"s{member % 40}",'
        f'"lines":[{{"sku":"p{first}","amount":{first},"quantity":1}},{{"sku":"p{second}","amount":{second},"quantity":2}}]}}}}'
    ).encode()


def warming() -> list[bytes]:
    """Orders that enrol every member and give each a lot on each of `WARM_DAYS` days of the last weeks."""
    draw, today = random.Random(1), datetime.now(UTC)  # noqa: S311 - the same orders each time
    days = [today - timedelta(days=7 * week) for week in range(WARM_DAYS, 0, -1)]
    return [order(f"warm-{day:%j}-{n}", n, day, draw) for day in days for n in range(MEMBERS)]


def live(name: str, count: int) -> list[bytes]:
    """Return `count` orders of today by random members; two calls with different names share no id."""
    draw, now = random.Random(name), datetime.now(UTC)  # noqa: S311 - the same orders each time
    return [order(f"{name}-{n}", draw.randrange(MEMBERS), now, draw) for n in range(count)]
