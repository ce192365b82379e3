"""What no browser sends by itself: refused with a reason, never a fault of ours, and nothing is left behind by it."""

import base64
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.served import served
from start.test_start import LOOK, Tab, page

TEXTS = pa.array(["1", "2"])


@pytest.fixture(scope="module")
def site(server, tmp_path_factory):
    with served(server, tmp_path_factory.mktemp("hostile")) as running:
        yield running
        assert running.faults() == ""


@pytest.fixture(scope="module")
def tab(site) -> Tab:
    return Tab(site.open_shop(None), "en")


def table(**columns) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"order_id": TEXTS, "customer_id": TEXTS, "date": TEXTS, "total": TEXTS} | columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.parquet", table(order_id=pa.array([b"\xff\xfe", b"1"], pa.binary()).view(pa.string()))),
        ("a.parquet", table(date=pa.array([2**62, 0], pa.timestamp("us")))),
        ("a.csv", "order_id,total\n1,2".encode("utf-16")),
    ],
)
def test_a_file_that_cannot_be_shown_is_refused_and_not_kept(tab, name, raw):
    page(tab.send("/console/start/import", {}, {"file": (name, raw)}), 422)
    assert name not in page(tab.get("/console/start/import"))


def test_lists_in_a_column_are_told_with_its_name(tab):
    answer = tab.send("/console/start/import", {}, {"file": ("b.parquet", table(order_id=pa.array([[1], [2]])))})
    assert "“order_id” holds lists or records" in page(tab.get(answer.headers["location"]))


def test_columns_of_one_name_are_told(tab):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([TEXTS] * 5, ["order_id", "order_id", "customer_id", "date", "total"]), out)
    answer = tab.send("/console/start/import", {}, {"file": ("c.parquet", out.getvalue())})
    assert "has the column “order_id” 2 times" in page(tab.get(answer.headers["location"]))


def test_an_svg_of_an_unknown_encoding_is_damaged(tab):
    svg = b'<?xml version="1.0" encoding="utf-99"?><svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
    shown = page(tab.send("/console/start/look", LOOK, {"logo-file": ("l.svg", svg)}), 422)
    assert "This SVG file is damaged or incomplete." in shown


@pytest.mark.parametrize("path", ["/static/%00", "/static/" + "a" * 5000, "/look/%00/a", "/look/a/%00"])
def test_a_name_that_nothing_has_is_not_found(tab, path):
    assert tab.http.get(path).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 40])
def test_a_view_of_no_number_is_not_found(tab, number):
    csrf = tab.http.get("/console/alive").json()["csrf"]
    for way in ("", "/delete"):
        sent = {"csrf": csrf, "name": "x"}
        assert tab.http.post(f"/console/members/views/{number}{way}", data=sent).status_code == 404


@pytest.mark.parametrize(
    "told",
    [
        {"words": {}, "tone": 1, "facts": {}, "undo": None},
        {"words": "The note is back.", "tone": "gain", "facts": 5, "undo": None},
        {"words": "The view “{name}” is saved.", "tone": "gain", "facts": {}, "undo": None},
        {"words": "The note is back.", "tone": "gain", "facts": {}, "undo": ["/console", "yy"]},
    ],
)
def test_what_a_page_is_to_say_is_said_only_when_it_is_ours(tab, told):
    cookie = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
    kept = "; ".join(f"{one.name}={one.value}" for one in tab.http.cookies.jar if one.name != "kizuna_flash")
    page(tab.http.get("/console/help", headers={"cookie": f"{kept}; kizuna_flash={cookie}"}))
