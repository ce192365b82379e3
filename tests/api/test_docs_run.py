"""What README and docs tell the reader to send or to publish is sent and published here, so that it stays true."""

import json
import re
from pathlib import Path

from api.served import Shop
from kizuna.program import Program

ROOT = Path(__file__).parents[2]


def test_the_readme_s_requests_go_through_in_the_order_that_they_stand_in(shop: Shop):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    event, hold = (json.loads(body) for body in re.findall(r"-d '(\{.*?\})'", readme, re.DOTALL))
    first, again = shop.post(event).json(), shop.post(event).json()
    assert (first["status"], first["points"], again["replayed"]) == ("accepted", 49, True)
    event["data"]["amount"] += 1
    assert shop.post(event).status_code == 409

    asked = re.search(r'`("type": "redemption\.requested")` and `("data": \{.*?\})`', readme)
    spent = shop.post(event | {"id": "till-1/0002"} | json.loads(f"{{{asked[1]}, {asked[2]}}}")).json()
    assert spent["status"] == "accepted", spent

    headers = {"idempotency-key": re.search(r"Idempotency-Key: ([\w-]+)", readme)[1]}
    first, again = (shop.client.post("/v1/holds", json=hold, headers=headers) for _ in range(2))
    assert (first.status_code, first.json()["held"], again.json()["replayed"]) == (201, hold["points"], True)
    ended = shop.client.post(f"/v1/holds/{first.json()['hold']}/void", headers={"idempotency-key": "cart-17 void"})
    assert (ended.status_code, ended.json()["state"]) == (200, "voided")


def test_the_published_schema_is_the_program_s_own():
    published = json.loads((ROOT / "docs" / "program.schema.json").read_text(encoding="utf-8"))
    assert published == Program.model_json_schema(), "kizuna program schema > docs/program.schema.json"
