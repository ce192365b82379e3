"""`kizuna program diff` and `kizuna program explain`: what differs, and what an event would come to, rule by rule."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from kizuna.cli import main
from kizuna.program import parse
from kizuna.publishing import publish
from kizuna.runtime.brands import Brand, create_brand
from kizuna.runtime.db import Database
from kizuna.runtime.server import Server
from samples.journey import PROGRAM

EVENT = {
    "time": "2026-12-04T19:00:00+09:00",
    "data": {
        "amount": 4_980,
        "tax": 480,
        "lines": [{"sku": "C-1", "category": "コーヒー", "amount": 4_980, "tax": 480, "quantity": 5}],
    },
}


def run(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, words, env=environment)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    other = json.loads(PROGRAM.model_dump_json(by_alias=True, exclude_defaults=True))
    whole = json.dumps(other, ensure_ascii=False)
    other["campaigns"][0]["budget"] = {"amount": 500_000}
    del other["campaigns"][1]
    named = {"old": whole, "new": json.dumps(other, ensure_ascii=False), "event": json.dumps(EVENT, ensure_ascii=False)}
    found = {}
    for name, text in named.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        found[name] = str(tmp_path / f"{name}.yaml")
    return found


def test_what_differs_is_said_in_both_languages(files):
    told = run("program", "diff", files["old"], files["new"])
    assert told.exit_code == 0, told.output
    assert "~ Double Friday: budget: ¥300,000 → ¥500,000" in told.output
    assert "- Campaign: New Year: gone" in told.output
    assert (
        "~ 金曜ダブルポイント: 予算: ¥300,000 → ¥500,000"
        in run("program", "diff", files["old"], files["new"], "--lang", "ja").output
    )


def test_equal_documents_say_so_and_json_has_places(files):
    assert "Both say the same." in run("program", "diff", files["old"], files["old"]).output
    changes = json.loads(run("program", "diff", files["old"], files["new"], "--json").output)["changes"]
    assert [(change["place"], change["kind"]) for change in changes] == [
        ("campaigns.newyear", "removed"),
        ("campaigns.friday.budget", "changed"),
    ]


def test_an_event_is_explained_rule_by_rule(files):
    told = run("program", "explain", files["old"], "--event", files["event"])
    assert told.exit_code == 0, told.output
    assert "Purchases: 135" in told.output.replace("\xa0", " ")  # 3% of ¥4,500: the tax does not count
    assert "The member’s limit cut it." in told.output
    assert "It begins on 20 Dec 2026." in told.output
    rules = {line["rule"]: line for line in json.loads(
        run("program", "explain", files["old"], "--event", files["event"], "--json").output
    )["rules"]}  # fmt: skip
    assert rules["Double Friday"]["points"] == "135\xa0pt"
    assert rules["New Year"]["points"] is None


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("program", "diff", "live", "1"), 1, "belongs to a brand"),
        (("program", "diff", "nowhere.yaml", "1"), 2, "neither a file nor a version"),
    ],
)
def test_wrong_words_are_explained(words, code, says):
    told = run(*words, KIZUNA_BRAND="")
    assert (told.exit_code, says in told.output) == (code, True), told.output


def test_only_what_rules_decide_is_explained(files, tmp_path):
    odd = tmp_path / "odd.json"
    odd.write_text('{"type": "redemption.requested", "data": {"points": 5}}', encoding="utf-8")
    told = run("program", "explain", files["old"], "--event", str(odd))
    assert told.exit_code == 1
    assert "not decided by rules" in told.output


def test_versions_and_members_of_a_brand(server: Server, files, tmp_path):
    """A version is named by its number or as the one in force; a member's own standing counts."""
    brand = Brand(f"t{uuid4().hex[:16]}", "絆マート", "JPY", "Asia/Tokyo", "JP", ("ja", "en"))

    documents = [parse(Path(files[name]).read_text(encoding="utf-8")) for name in ("old", "new")]

    async def make() -> None:
        db = await Database.open(server.locate)
        try:
            await create_brand(db, brand)
            for document in documents:
                await publish(db, brand, document)
        finally:
            await db.close()

    asyncio.run(make())
    here = {"DATABASE_URL": server.locate(), "KIZUNA_HOME": str(tmp_path), "KIZUNA_BRAND": brand.slug}
    assert "¥300,000 → ¥500,000" in run("program", "diff", "1", "live", **here).output
    assert "no program “9”" in run("program", "diff", "1", "9", **here).output
    nobody = run("program", "explain", "live", "--event", files["event"], "--member", "customer:nobody", **here)
    assert nobody.exit_code == 1
    assert "There is no member" in nobody.output
    assert "Purchases: 135" in run("program", "explain", "live", "--event", files["event"], **here).output.replace(
        "\xa0", " "
    )
