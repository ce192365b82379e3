"""The report of a back-test: a made-up year of the grocer, replayed by the engine; four designs, a grid, and next to nothing known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import yaml

from kizuna.core.days import day_number
from kizuna.program import Program, from_data
from kizuna.simulate import (
    LINE,
    NEVER,
    WORD,
    Axis,
    Behaviour,
    Design,
    Hazard,
    History,
    Multiples,
    Played,
    Threshold,
    play,
    told,
    variants,
    variation,
    winners,
)
from kizuna.web import backtest
from kizuna.web.faces import Face
from samples.base import BRAND, PROGRAM

_DAY_US = 86_400_000_000
FIRST, LAST = day_number(date(2025, 4, 1)), day_number(date(2026, 3, 31))
_CHANNELS, _STORES = (
    ("store", "web", "app"),
    tuple(
        f"{name}店"
        for name in (
            "神南",
            "青山",
            "目黒",
            "上野",
            "品川",
            "大崎",
            "池袋",
            "中野",
            "荻窪",
            "三鷹",
            "国立",
            "立川",
            "町田",
        )
    ),
)
_CATEGORIES = ("青果", "鮮魚", "精肉", "惣菜", "パン", "飲料", "菓子", "日用品")


def program(text: str) -> Program:
    """Return the grocer's program with more in it."""
    return from_data({**PROGRAM.model_dump(mode="json"), **yaml.safe_load(text)})


A = program("""
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 120}, worth: {points: 1, amount: 1}}
""")
B = program("""
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 180}, worth: {points: 1, amount: 1}}
  - {id: stamps, name: {ja: コーヒースタンプ, en: Coffee stamps}, kind: stamps, expiry: never}
segments:
  - id: upper
    name: {ja: ゴールド以上, en: Gold or above}
    condition: {fact: member.tier, is: at_least, value: gold}
  - id: quiet
    name: {ja: しばらくお越しでない方, en: Quiet for a while}
    condition: {fact: member.days_since_order, is: at_least, value: 60}
earning_rules:
  - id: base
    name: {ja: 通常ポイント, en: Base points}
    event: order.completed
    unit: points
    award: {points: 1, per: 200, by_tier: {gold: {times: 3, over: 2}, platinum: {times: 2}}}
    limits: [{per: event, points: 60}]
  - id: coffee
    name: {ja: コーヒースタンプ, en: Coffee stamp}
    event: order.completed
    unit: stamps
    award: {stamps: 1}
    condition: {fact: event.channel, is: one_of, value: [app]}
  - id: welcome
    name: {ja: 入会ありがとうポイント, en: Welcome points}
    event: member.enrolled
    unit: points
    award: {fixed: 500}
  - id: birthday
    name: {ja: お誕生日, en: Birthday}
    event: member.birthday
    unit: points
    award: {fixed: 200}
campaigns:
  - id: year-end
    name: {ja: 年末感謝祭, en: Year-end thanks}
    event: order.completed
    unit: points
    award: {points: 3, per: 100}
    starts: 2025-12-01
    ends: 2025-12-31
    budget: {points: 12_000}
    limits: [{per: member, points: 600}]
  - id: app-first
    name: {ja: アプリはじめて, en: First time by app}
    event: order.completed
    unit: points
    award: {fixed: 30}
    condition: {fact: event.channel, is: one_of, value: [app]}
    goal: {count: 1}
    starts: 2025-06-01
    ends: 2026-03-31
    budget: {points: 60_000}
""")
PLAIN = program("""
tiers: {by: spend, window: calendar_year, levels: [{id: member, name: {ja: 一般, en: Everybody}, at: 0}]}
""")
HAZARD = Hazard(
    (500, 800, 1_200, 2_000), (60_000, 90_000, 210_000, 340_000), (1_000_000,) * 4, 500, (9_120, 6_404, 2_281, 640)
)


def history(members: int = 240, orders: int = 3_000) -> History:
    """Return a year of purchases by people who buy very differently, the same each time."""
    n = np.arange(orders, dtype=np.int64)
    luck = np.stack([(n * factor + 12_345) % 1_000_003 for factor in (7_919, 104_729, 15_485_863, 611_953, 32_452_843)])
    member = (luck[0] ** 2 // 1_000_003 * members // 1_000_003).astype(np.int32)
    season = np.where(luck[1] % 5 == 0, 244 + luck[2] % 31, luck[2] % (LAST - FIRST + 1))
    at = np.sort((FIRST + season) * _DAY_US + (10 * 60 + luck[3] % 600) * 60_000_000)
    amount = 300 + luck[4] * luck[0] // 1_000_003 % 14_000
    count = 1 + luck[1] % 3
    starts = np.concatenate([[0], np.cumsum(count)])
    line = np.repeat(amount // count, count)
    line[starts[:-1]] += amount - amount // count * count
    kinds = (luck[3][np.repeat(n, count)] + 7 * np.arange(len(line))) % len(_CATEGORIES)
    empty = pa.DictionaryArray.from_arrays(pa.array([None] * len(line), pa.int32()), pa.array([""]))
    lines = {
        "sku": empty,
        "category": pa.DictionaryArray.from_arrays(pa.array(kinds, pa.int32()), pa.array(_CATEGORIES)),
        "brand": empty,
        "tags": pa.nulls(len(line), pa.list_(pa.string())),
        "amount": pa.array(line),
        "quantity": pa.array(np.ones(len(line), np.int64)),
        "tax": pa.array(np.zeros(len(line), np.int64)),
        "discount": pa.array(np.zeros(len(line), np.int64)),
        "gift_card": pa.array(np.zeros(len(line), np.bool_)),
    }
    struct = pa.StructArray.from_arrays([lines[one.name] for one in LINE], fields=list(LINE))
    return History(
        pa.table(
            {
                "member": _coded(member, [f"customer:{48_000 + 13 * number}" for number in range(members)]),
                "at": pa.array(at).cast(pa.timestamp("us", "UTC")),
                "amount": pa.array(amount),
                "channel": _coded(luck[2] % 3, _CHANNELS),
                "store": _coded(luck[3] ** 2 // 1_000_003 * len(_STORES) // 1_000_003, _STORES),
                "lines": pa.ListArray.from_arrays(pa.array(starts, pa.int32()), struct),
            }
        )
    )


def _coded(codes: Any, words: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.asarray(codes, np.int32)), pa.array(words)).cast(WORD)


def bare(whole: History) -> History:
    """Return a history that tells nothing but who bought when for how much."""
    return History(whole.table.select(["member", "at", "amount"]))


@cache
def played(name: str, *, is_bare: bool = False) -> tuple[Played, History]:
    """Return a design of the samples, replayed."""
    chosen: Mapping[str, tuple[Program, Behaviour]] = {
        "今のプログラム": (A, Multiples(500)),
        "今のプログラム、記録のとおり": (A, NEVER),
        "年末に3倍": (B, Multiples(500)),
        "年末に3倍、履歴のとおりに交換": (B, HAZARD),
        "年末に3倍、ためて交換": (B, Threshold(1_500, 500)),
        "とくになし": (PLAIN, NEVER),
    }
    told_program, behaviour = chosen[name]
    past = bare(history()) if is_bare else history()
    tried = [Design(name, told_program, behaviour)]
    (found,) = play(past, tried, ZoneInfo("Asia/Tokyo"), until=LAST, processes=1, draws=5)
    return found, past


@dataclass(frozen=True, slots=True)
class Case:
    """What a report is made of."""

    designs: Sequence[str]
    margin: int | None = 250_000
    is_bare: bool = False


def report(face: Face, case: Case, *, standalone: bool = False) -> str:
    """Return the report of a case."""
    every = [played(name, is_bare=case.is_bare) for name in case.designs]
    ran = [one for one, _ in every]
    return backtest.report(
        [told(one, case.margin) for one in ran],
        [winners(ran[0], one) for one in ran[1:]],
        variation(every[0][1], ran[0]),
        lang=face.lang,
        currency=BRAND.currency,
        standalone=standalone,
        brand=BRAND.name,
    )


ONE = Case(["年末に3倍"])
FOUR = Case(["今のプログラム", "年末に3倍", "年末に3倍、履歴のとおりに交換", "年末に3倍、ためて交換"])
NOTHING = Case(["とくになし"], margin=None, is_bare=True)
DRAWN = Case(["年末に3倍、履歴のとおりに交換"])

AXES = (
    Axis("earning_rules.base.award.per", (100, 150, 200, 300, 400)),
    Axis("campaigns.year-end.budget.points", (6_000, 12_000, 24_000, 48_000)),
)


@cache
def ran(axes: Sequence[Axis]) -> Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    """Return the variants of a grid, each with what it comes to."""
    made = variants(Design("B", B, Multiples(500)), axes)
    results = play(history(orders=600), [one for _, one in made], ZoneInfo("Asia/Tokyo"), until=LAST, processes=1)
    return [(values, told(one, 250_000)) for (values, _), one in zip(made, results, strict=True)]


def grid(face: Face, axes: Sequence[Axis], *, standalone: bool = False) -> str:
    """Return the report of a grid."""
    return backtest.grid_report(
        axes, ran(axes), lang=face.lang, currency=BRAND.currency, standalone=standalone, brand=BRAND.name
    )


CONSOLE_PAGES = {
    "backtest-report": lambda face: report(face, ONE),
    "backtest-sides": lambda face: report(face, FOUR),
    "backtest-grid": lambda face: grid(face, AXES),
    "backtest-line": lambda face: grid(face, AXES[:1]),
    "backtest-drawn": lambda face: report(face, DRAWN),
    "backtest-nothing": lambda face: report(face, NOTHING),
}
RARE = {"backtest-sides", "backtest-grid", "backtest-line", "backtest-drawn", "backtest-nothing"}
