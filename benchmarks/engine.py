"""What deciding alone costs: ten million events of a million members, a real grocer's year, and one event at a till.

Beside them the same program by the plain reference of the tests and by a loop written by hand for it, in the same run.
"""

import multiprocessing
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.engine_program import FIRST_DAY, by_hand, program
from benchmarks.harness import ROOT, Figure, compared
from kizuna.demo.source import transactions
from kizuna.engine import Coded, Content, Events, Lines, Names, Plan, State, compile_plan, decide
from kizuna.program import parse

EVENTS, MEMBERS, AT_ONCE = 10_000_000, 1_000_000, 2_500_000
PARTS, LOOPED, REFERRED, SINGLES = 2, 300_000, 4_000, 2_000


def measure() -> list[Figure]:
    """Measure the engine."""
    looped, events_looped = _looped()
    loop = Figure("engine_by_hand", events_looped / looped, "events/s")
    took, memory = _history()
    reference = Figure("engine_reference", REFERRED / _referred(), "events/s")
    grocer = min(_grocer() for _ in range(3))
    singles = _singles()
    return [
        loop,
        reference,
        compared("engine_history", EVENTS / took, "events/s", loop),
        compared("engine_history_beside_reference", EVENTS / took, "events/s", reference),
        Figure("engine_history_memory", memory / 1e9, "GB"),
        Figure("engine_grocer_year_s", grocer, "s"),
        Figure("engine_single_p50_ms", median(singles), "ms"),
        Figure("engine_single_p99_ms", quantiles(singles, n=100)[98], "ms"),
    ]


def _drawn(count: int, members: int, seed: int) -> Events:
    """Return orders of one year in the order of their days."""
    draw = np.random.default_rng(seed)
    day = np.sort(draw.integers(FIRST_DAY, FIRST_DAY + 365, count)).astype(np.int32)
    plain = Events.plain(
        draw.integers(0, members, count),
        np.zeros(count, np.int16),
        np.zeros(count, np.int8),
        day,
        draw.integers(100, 10_000, count),
    )
    return replace(
        plain,
        minute=draw.integers(0, 1440, count).astype(np.int16),
        channel=Coded(draw.integers(-1, 2, count).astype(np.int32), ["online", "shop"]),
        store=Coded(draw.integers(-1, 20, count).astype(np.int32), [f"s{number}" for number in range(20)]),
    )


def _compiled() -> tuple[Plan, Names]:
    names = Names()
    return compile_plan(program(), 1, names), names


def _part(number: int, ready: "multiprocessing.Barrier", told: "multiprocessing.Queue[tuple[float, int, int]]") -> None:  # type: ignore[valid-type]
    """Decide one process's share of the members, as a back-test would: in stretches, summing what was given."""
    plan, names = _compiled()
    members, count = MEMBERS // PARTS, EVENTS // PARTS
    stretches = [_drawn(AT_ONCE, members, number * 100 + part) for part in range(count // AT_ONCE)]
    for part, events in enumerate(stretches):  # one year, cut into seasons
        season = 365 // len(stretches)
        day = FIRST_DAY + part * season + (events.day - FIRST_DAY) * season // 365
        stretches[part] = replace(events, day=day.astype(np.int32))
    state = State.fresh(names, members, range(members))
    ready.wait()
    began, given = time.perf_counter(), 0
    for events in stretches:
        given += int(decide([plan], state, events, freeze=False, ordered=False).moves.points.sum())
    took = time.perf_counter() - began
    told.put((took, given, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))


def _history() -> tuple[float, int]:
    """Return the seconds of the slower of two processes, and their memory together at its highest."""
    context = multiprocessing.get_context("fork")
    ready, told = context.Barrier(PARTS), context.Queue()
    parts = [context.Process(target=_part, args=(number, ready, told)) for number in range(PARTS)]
    for part in parts:
        part.start()
    answers = [told.get() for _ in parts]
    for part in parts:
        part.join()
    return max(took for took, _, _ in answers), sum(memory for _, _, memory in answers)


def _looped() -> tuple[float, int]:
    """Return the seconds of the loop by hand, after checking that it and the engine give the same points."""
    plan, names = _compiled()
    events = _drawn(LOOPED, LOOPED // 10, 7)
    channels = [*events.channel.words, None]
    stores = [*events.store.words, None]
    rows = list(
        zip(
            events.member.tolist(),
            events.day.tolist(),
            events.minute.tolist(),
            events.content.amount.tolist(),
            [channels[code] for code in events.channel.codes.tolist()],
            [stores[code] for code in events.store.codes.tolist()],
            strict=True,
        )
    )
    began = time.perf_counter()
    given = by_hand(rows)
    took = time.perf_counter() - began
    decided = decide([plan], State.fresh(names, LOOPED // 10), events, freeze=False)
    points = decided.moves.points[decided.moves.kind == 1].sum()
    if given != points:
        raise RuntimeError(f"the loop gives {given} points, the engine {points}")
    return took, len(rows)


def _referred() -> float:
    """Return the seconds of the tests' plain reference."""
    sys.path.insert(0, str(ROOT / "tests"))
    from engine.reference import ORDER, Basket, Happening, World  # noqa: PLC0415 - lives in the tests

    events = _drawn(REFERRED, REFERRED // 10, 7)
    channels, stores = [*events.channel.words, None], [*events.store.words, None]
    told = [
        Happening(
            number,
            member,
            0,
            ORDER,
            day,
            minute=minute,
            channel=channels[channel],
            store=stores[store],
            order=number + 1,
            basket=Basket(amount=amount),
        )
        for number, (member, day, minute, amount, channel, store) in enumerate(
            zip(
                events.member.tolist(),
                events.day.tolist(),
                events.minute.tolist(),
                events.content.amount.tolist(),
                events.channel.codes.tolist(),
                events.store.codes.tolist(),
                strict=True,
            )
        )
    ]
    world = World([program()], tuple(range(REFERRED // 10)))
    began = time.perf_counter()
    for event in told:
        world.decide(event)
    return time.perf_counter() - began


def _grocer() -> float:
    """Return the seconds that a real year of 155,848 baskets with 1.47 million lines takes by the example's 20 rules."""
    names = Names()
    document = parse((ROOT / "examples" / "programs" / "grocer.yaml").read_text(encoding="utf-8"))
    plan = compile_plan(document, 1, names)
    events, members = _year(transactions())
    state = State.fresh(names, members, range(members))
    began = time.perf_counter()
    decide([plan], state, events, freeze=False, ordered=False)
    return time.perf_counter() - began


def _year(file: Path) -> tuple[Events, int]:
    """Return the grocer's baskets as columns; departments are the categories."""
    lines = pq.read_table(
        file, columns=["household_id", "basket_id", "product_id", "sales_value", "transaction_timestamp", "store_id"]
    )
    products = pq.read_table(file.with_name("products.parquet"), columns=["product_id", "department"])
    lines = lines.join(products, "product_id", join_type="left outer").sort_by(
        [("transaction_timestamp", "ascending"), ("basket_id", "ascending")]
    )
    basket = lines["basket_id"].to_numpy()
    starts = np.concatenate([[0], np.flatnonzero(np.diff(basket)) + 1])
    cents = np.rint(lines["sales_value"].to_numpy() * 100).astype(np.int64)
    amount = np.add.reduceat(cents, starts)
    household, member = np.unique(lines["household_id"].to_numpy()[starts], return_inverse=True)
    at = lines["transaction_timestamp"].to_numpy()[starts].astype("datetime64[m]").astype(np.int64)
    plain = Events.plain(
        member.astype(np.intp),
        np.zeros(len(starts), np.int16),
        np.zeros(len(starts), np.int8),
        (at // 1440).astype(np.int32),
        amount,
    )
    size, none = len(cents), np.zeros(len(cents), np.int64)
    ends = np.concatenate([starts, [size]])
    told = Lines(
        cents,
        np.ones(size, np.int64),
        none,
        none,
        np.zeros(size, np.bool_),
        _coded(lines["product_id"]),
        _coded(lines["department"]),
        Coded.none(size),
        Coded(np.empty(0, np.int32), []),
        np.zeros(size + 1, np.intp),
    )
    content: Content = replace(plain.content, items=np.diff(ends), starts=ends.astype(np.intp), lines=told)
    return replace(
        plain, minute=(at % 1440).astype(np.int16), content=content, store=_coded(lines["store_id"].take(starts))
    ), len(household)


def _coded(column: object) -> Coded:
    encoded = pc.cast(column, "string").combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Coded(codes, [str(word).lower() for word in encoded.dictionary.to_pylist()])


def _singles() -> list[float]:
    """Return the milliseconds of single orders of a member with a history, facts frozen, as a till asks for them."""
    plan, names = _compiled()
    state = State.fresh(names, 1, [5])
    took = []
    for number in range(SINGLES):
        event = Events.plain(
            np.zeros(1, np.intp),
            np.zeros(1, np.int16),
            np.zeros(1, np.int8),
            np.array([FIRST_DAY + number % 300], np.int32),
            np.array([4980 + number]),
        )
        began = time.perf_counter()
        decide([plan], state, event)
        took.append((time.perf_counter() - began) * 1000)
    return took
