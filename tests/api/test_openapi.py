"""The description of the API is true: well formed, whole, the same as the file in docs, and what the server really sends."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from api.schema import faults, resolve
from api.served import get, order, post, redemption, somebody
from kizuna.web.api import events, openapi
from kizuna.web.services import Services
from kizuna.web.site import site as site_of

DOCS = Path(__file__).parents[2] / "docs" / "openapi.json"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
DOCUMENT = openapi.document()


def walk(node: Any, place: str = "#") -> Iterator[tuple[str, Any]]:
    yield place, node
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from walk(inner, f"{place}/{name}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from walk(inner, f"{place}/{number}")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def promised(path: str, method: str, answer: httpx.Response) -> dict[str, Any]:
    """The schema that the description gives for an answer's status and media type."""
    content = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    return content[answer.headers["content-type"]]["schema"]


def check(value: Any, schema: dict[str, Any], *, strict: bool = True) -> None:
    found = list(faults(value, schema, {**DOCUMENT, "strict": strict}))
    assert not found, "\n".join(found)


def test_the_server_and_the_file_in_docs_say_the_same(site):
    served = get(f"{site.url}/openapi.json")
    assert (served.status_code, served.headers["content-type"]) == (200, "application/json")
    assert served.json() == DOCUMENT
    said = json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"
    assert DOCS.read_text(encoding="utf-8") == said, "run: python -m kizuna.web.api.openapi > docs/openapi.json"


def test_the_document_is_openapi_3_1():
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["info"]["title"]
    assert DOCUMENT["info"]["version"]
    assert set(DOCUMENT) <= {"openapi", "info", "servers", "security", "tags", "paths", "components"}
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert {name for demand in DOCUMENT["security"] for name in demand} <= schemes.keys()
    for path, method, operation in operations():
        assert path.startswith("/")
        assert method in METHODS
        assert operation["summary"]
        assert operation["responses"]
        for status, response in operation["responses"].items():
            assert len(status) == 3
            assert response["description"]
        named = [(one["name"], one["in"]) for one in operation.get("parameters", [])]
        assert len(set(named)) == len(named)
        assert {name for name, where in named if where == "path"} == set(_in_braces(path))
        assert all(one["required"] for one in operation.get("parameters", []) if one["in"] == "path")
        assert all("schema" in one for one in operation.get("parameters", []))


def _in_braces(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def test_every_reference_leads_somewhere_and_every_schema_is_used():
    refs = {node["$ref"] for _, node in walk(DOCUMENT) if isinstance(node, dict) and "$ref" in node}
    for ref in refs:
        assert isinstance(resolve(ref, DOCUMENT), dict)
    assert refs == {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}


def test_every_route_of_the_api_is_described():
    services = Services(cast("Any", SimpleNamespace(secret=lambda: "s")), cast("Any", None))
    app = cast("Any", site_of(services, cast("Any", None)))._inner
    routes = {
        (path, method)
        for path, item in app.openapi()["paths"].items()
        for method in item
        if path.startswith("/v1") or method not in METHODS
    }
    routes.add((events.PATH, "post"))
    assert routes == {(path, method) for path, method, _ in operations()}


def test_requests_that_are_taken_fit_the_description(shop):
    content = DOCUMENT["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    who = somebody()
    both = order(100, who)
    both["data"]["points"] = 5
    lined = order(300, who)
    lined["data"] |= {
        "shop": "web",
        "store": "Ginza",
        "channel": "pos",
        "lines": [{"sku": "a", "amount": 300, "quantity": 2}],
    }
    for sent in (order(100, who), redemption(1, who), both, lined):
        assert shop.post(sent).status_code == 200
        check(sent, content["application/json"]["schema"], strict=False)
        check([sent], content["application/json"]["schema"], strict=False)
        check(sent, content["application/cloudevents+json"]["schema"], strict=False)


@pytest.mark.parametrize("name", ["id", "source", "type", "time", "subject", "data"])
def test_requests_that_are_refused_do_not_fit_the_description(shop, name):
    sent = order(100)
    del sent[name]
    assert shop.post(sent).status_code == 422
    schema = DOCUMENT["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert list(faults(sent, schema, DOCUMENT))


def test_every_answer_about_events_fits_the_description(site, shop):
    who = somebody()
    sent = order(100_000, who)
    answers = [
        shop.post(sent),
        shop.post(sent),
        shop.post(redemption(30, who)),
        shop.post(redemption(10**6, who)),
        shop.post(order(10**11, who), text="en"),
        shop.post([order(10, who), redemption(10**9, who), {"id": 5}, sent, sent | {"note": 1}]),
        shop.post(b"["),
        shop.post(b"[]"),
        shop.post(b"{"),
        shop.post(order(-1)),
        shop.post(order(1) | {"subject": "x"}),
        shop.post(sent | {"note": 1}),
        shop.post([{}] * 1001),
        site.open_shop(None).post(sent),
        post(f"{site.url}/v1/events", json=sent),
    ]
    assert {answer.status_code for answer in answers} == {200, 400, 401, 409, 413, 422}
    for answer in answers:
        check(answer.json(), promised("/v1/events", "post", answer))
    lines = shop.post(
        b"\n".join(json.dumps(order(n, who)).encode() for n in (1, 2)), content_type="application/x-ndjson"
    )
    for line in lines.text.splitlines():
        check(json.loads(line), promised("/v1/events", "post", lines))


def test_every_answer_about_members_fits_the_description(shop):
    who = somebody()
    member = shop.told(order(100_000, who), redemption(30, who), order(600_000, who))[0]["member"]
    for part, path in (("", "/v1/members/{member}"), ("/entries", "/v1/members/{member}/entries")):
        for name in (member, who, "customer:nobody", "nobody"):
            answer = shop.client.get(f"/v1/members/{name}{part}")
            check(answer.json(), promised(path, "get", answer))
    for query in ("limit=1", "limit=0", "cursor=x"):
        answer = shop.client.get(f"/v1/members/{member}/entries?{query}")
        check(answer.json(), promised("/v1/members/{member}/entries", "get", answer))
    unsigned = get(f"{shop.url}/v1/members/{member}")
    check(unsigned.json(), promised("/v1/members/{member}", "get", unsigned))
