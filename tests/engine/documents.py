"""Generated program documents: small numbers that meet often, every part reachable, always valid.

The versions of one brand share their ids. What a rule may refer to is the same in all of them: the rule `r0` is always a rate or
a percent of purchases, the rungs in `Brand.rungs` are in every version (others may come and go), as are groups, purposes,
segments and event types.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from kizuna.core.days import day_date

Raw = dict[str, Any]
RUNGS = ("base", "silver", "gold", "black")
STORES, CHANNELS = ("ginza", "umeda"), ("web", "shop")
WORDS = {"sku": ("s1", "s2", "s3", "s4"), "category": ("tea", "cake"), "brand": ("b1", "b2"), "tag": ("new", "eco")}
SURVEY = "survey.answered"
ACTIONS = (
    SURVEY,
    "review.posted",
    "member.enrolled",
    "eco.action",
    "referral.qualified",
    "order.delivered",
    "order.return_window_closed",
)
FIELDS = {
    SURVEY: {"score": "number", "mood": "text", "done": "flag"},
    "review.posted": {"rating": "number", "has_photo": "flag", "product": "text"},
    "eco.action": {"count": "number", "action": "text"},
    "referral.qualified": {"side": "text"},
}
RATES = ((1, 1), (1, 2), (1, 7), (3, 7), (5, 2), (2, 100), (1, 100), (1, 10), (1_000_000, 10_000), (7, 10**9))
MULTIPLIERS = ((1, 1), (2, 1), (3, 1), (3, 2), (5, 4), (20, 1), (7, 3))
WITHIN = ("day", "week", "month", "quarter", "year", "ever")


def text(word: str) -> dict[str, str]:
    return {"ja": word, "en": word}


@dataclass(frozen=True)
class Focus:
    """How likely each feature is in a story, in percent."""

    returns: int = 15
    shared: int = 10
    tiers: int = 40
    goals: int = 25
    pending: int = 30
    conditions: int = 30
    goods: int = 25
    spending: int = 20
    actions: int = 25
    late: int = 12
    together: int = 25
    """Groups, exclusive rules, multipliers."""


class Brand:
    """The documents of one brand, version by version."""

    def __init__(self, random: Random, focus: Focus, day: int) -> None:
        self.random, self.focus, self.day = random, focus, day
        self.rungs = RUNGS[: random.choice((1, 2, 2, 3, 3, 4) if self.likely(focus.tiers) else (1, 2))]
        self.tracks = ("visits", "status")[: self.some(0, 0, 1, 2) if self.likely(focus.tiers) else 0]
        self.kinds = {"points": "spendable", "status": "status", "card": "stamps", "gift": "spendable"}
        self.units = ["points"]
        self.purposes_known = ["p-web"]
        self.comes = [unit for unit in ("status", "card", "gift") if self.likely(35)]
        """Units that are there from the first version on, or come later."""
        worth = (None, (1, 1), (1, 3), (3, 7), (100, 1))
        self.worth = {unit: random.choice(worth) for unit in self.kinds}
        self.multiplies, self.refers = self.likely(focus.together), self.likely(40)
        self.before: Raw | None = None

    # Small helpers

    def likely(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def some(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def near(self, before: int = 40, after: int = 80) -> str:
        return day_date(self.day + self.random.randint(-before, after)).isoformat()

    def words(self, known: tuple[str, ...]) -> list[str]:
        return self.random.sample(known, self.some(1, 1, 2))

    def kept(self, part: str, otherwise: Any) -> Any:
        """A part as the version before has it, or a new one."""
        if self.before is not None and part in self.before and self.likely(55):
            return self.before[part]
        return otherwise()

    # The document

    def version(self) -> Raw:
        """The next version."""
        raw: Raw = {"program": 1, "name": text("試し")}
        while self.comes and self.likely(70):
            self.units.append(self.comes.pop())
        if self.likely(70):
            self.purposes_known = ["p-web", "p-store"]
        units = {unit["id"]: unit for unit in (self.before or {"units": []})["units"]}
        raw["units"] = [units[unit] if unit in units and self.likely(60) else self.unit(unit) for unit in self.units]
        raw["purposes"] = self.purposes()
        raw["event_types"] = [self.survey()]
        raw["segments"] = self.kept("segments", self.segments)
        raw["tiers"] = self.kept("tiers", lambda: self.tiers(self.rungs, extra=True))
        raw["tracks"] = self.kept("tracks", self.all_tracks)
        raw["groups"] = [{"id": keeps, "name": text(keeps), "keeps": keeps} for keeps in ("best", "first")]
        raw["earning_rules"] = self.rules("earning_rules", "r", self.random.randint(1, 5))
        raw["campaigns"] = self.rules("campaigns", "c", self.some(0, 0, 1, 2, 3))
        if self.refers:
            raw["referral"] = self.kept("referral", self.referral)
        if self.likely(30):
            raw["journey"] = self.journey(raw)
        if self.likely(30):
            raw["redemption"] = {"minimum": self.some(1, 5, 10), "step": self.some(1, 1, 2, 7)}
        raw["returns"] = {"spent": self.some("debt", "other_points", "ask_for_payment", "write_off")}
        self.before = raw
        return raw

    def unit(self, id_: str) -> Raw:
        unit: Raw = {"id": id_, "name": text(id_), "kind": self.kinds[id_], "expiry": self.expiry(idle=True)}
        if self.worth[id_]:
            unit["worth"] = dict(zip(("points", "amount"), self.worth[id_], strict=True))
        if self.likely(self.focus.pending):
            runs = {"expiry_runs_from": self.some("earning", "release")}
            until = {"until": self.some("order.delivered", "order.return_window_closed")}
            unit["pending"] = (until if self.likely(50) else {"days": self.some(1, 2, 5, 20)}) | runs
        return unit

    def expiry(self, *, idle: bool) -> Any:
        kinds = [
            lambda: "never",
            lambda: {"after_days": self.some(1, 2, 5, 30, 90, 365, 36_525)},
            lambda: {"after_months": self.some(1, 2, 12)},
            lambda: {"end_of": self.some("month", "quarter", "year"), "later": self.some(0, 0, 1, 2)},
            lambda: {"on": self.near()},
            lambda: {"after_idle_days": self.some(1, 3, 10, 40)},
        ]
        return self.random.choice(kinds if idle else kinds[:-1])()

    def purposes(self) -> list[Raw]:
        known = [
            {"id": "p-web", "name": text("web"), "channels": ["web"]},
            {"id": "p-store", "name": text("store"), "stores": self.words(STORES), "channels": self.some([], ["shop"])},
        ]
        return known[: len(self.purposes_known)]

    def survey(self) -> Raw:
        fields = [{"id": name, "name": text(name), "type": type_} for name, type_ in FIELDS[SURVEY].items()]
        return {"type": SURVEY, "name": text("survey"), "fields": fields}

    def segments(self) -> list[Raw]:
        return [{"id": "seg", "name": text("seg"), "condition": self.condition(None, 1)}]

    def tiers(self, rungs: tuple[str, ...], *, extra: bool = False) -> Raw:
        by = self.some("spend", "visits", "points")
        here = list(rungs)
        if extra and self.likely(20):
            here.insert(self.random.randint(0, len(here)), "extra")
        steps = (1, 2, 3, 5, 8) if by == "visits" else (1, 10, 30, 50, 100, 101, 150, 250, 400)
        ats = [0, *sorted(self.random.sample(steps, len(here) - 1))]
        raw: Raw = {
            "by": by,
            "window": self.some("calendar_year", "calendar_quarter", "calendar_month", "rolling", "lifetime"),
            "months": self.some(1, 2, 3, 12),
            "held": self.some("window", "next_window"),
            "grace_days": self.some(0, 0, 0, 3, 10, 40),
            "downgrade": self.some("to_figure", "one_step"),
            "on_return": self.some("take_back", "take_back", "keep"),
            "warn_days": self.some(0, 5, 30),
            "levels": [{"id": id_, "name": text(id_), "at": at} for id_, at in zip(here, ats, strict=True)],
        }
        return raw | ({"unit": self.random.choice(self.units)} if by == "points" else {})

    def all_tracks(self) -> list[Raw]:
        return [{"id": id_, "name": text(id_)} | self.tiers(RUNGS[:2]) for id_ in self.tracks]

    def referral(self) -> Raw:
        event = self.some("order.completed", "order.completed", SURVEY)
        raw: Raw = {"event": event, "within_days": self.some(1, 3, 30)}
        return raw | ({"condition": self.condition(event, 1)} if self.likely(50) else {})

    def journey(self, raw: Raw) -> Raw:
        rules = {rule["id"]: rule.get("goal") for rule in (*raw["earning_rules"], *raw["campaigns"])}
        stages: list[Raw] = []
        for number in range(self.some(2, 3)):
            steps = []
            for place in range(self.some(1, 1, 2)):
                rule = self.random.choice(list(rules))
                once = rules[rule] and not rules[rule]["repeats"]  # more than once would be refused
                about = {"id": f"step-{number}-{place}", "name": text("step"), "rule": rule}
                steps.append(about | {"times": 1 if once else self.some(1, 1, 2, 3)})
            stage: Raw = {"id": f"stage-{number}", "name": text("stage"), "steps": steps}
            if self.likely(40):
                stage["needs"] = self.random.randint(1, len(steps))
            stages.append(stage)
        return {"stages": [*stages, {"id": "last", "name": text("last")}]}

    # Rules

    def rules(self, part: str, letter: str, count: int) -> list[Raw]:
        known = {rule["id"]: rule for rule in (self.before or {}).get(part, [])}
        names = [f"{letter}{number}" for number in range(count)]
        return [known[name] if name in known and self.likely(60) else self.rule(name) for name in names]

    def rule(self, id_: str) -> Raw:
        base = id_ == "r0"
        actions = [action for action in ACTIONS if self.refers or action != "referral.qualified"]
        event = "order.completed" if base or self.likely(75) else self.random.choice(actions)
        unit = "points" if base else self.some("points", "points", *self.units)
        raw: Raw = {"id": id_, "name": text(id_), "event": event, "unit": unit}
        award = self.award(event, unit, base=base)
        raw |= {"award": award} if award else {}
        if event == "order.completed" and self.likely(self.focus.goods):
            raw["goods"] = self.goods()
        if self.likely(self.focus.conditions):
            raw["condition"] = self.condition(event, 2)
        if self.likely(self.focus.goals) and not (base and self.multiplies):
            raw["goal"] = self.goal(event)
            raw["on_return"] = self.some("take_back", "keep")
        if self.likely(25 + self.focus.shared):
            limits = [self.limit() for _ in range(self.some(1, 1, 2, 3))]
            by_key = {(one["per"], one.get("within"), "times" in one): one for one in limits}
            raw["limits"] = list(by_key.values())
        if self.likely(25):
            raw["lot"] = {"expiry": self.expiry(idle=False)} if self.likely(60) else {}
            if self.kinds[unit] == "spendable" and self.likely(60):
                raw["lot"]["only_for"] = self.random.choice(self.purposes_known)
        if self.likely(self.focus.together):
            raw |= {"group": self.some("best", "first"), "priority": self.some(-1, 0, 1)}
        if self.likely(self.focus.together // 3):
            raw |= {"exclusive": True, "priority": ["r0", "r1", "c0", "r2", "c1", "r3", "r4", "c2"].index(id_)}
        if id_.startswith("c"):
            raw |= self.campaign(self.worth[unit])
            raw["lot"] = {key: value for key, value in raw.get("lot", {}).items() if "on" not in value}
        self.not_for_nothing(raw)
        return raw

    def not_for_nothing(self, raw: Raw) -> None:
        """Do not let points buy themselves, which would be refused."""
        award, worth = raw.get("award", {}), self.worth[raw["unit"]]
        if worth and {"points", "percent"} & set(award):
            most = max([1.0, *(times["times"] / times["over"] for times in award["by_tier"].values())])
            back = (
                award["percent"] / 100 if "percent" in award else award["points"] / award["per"] * worth[1] / worth[0]
            )
            if back * most >= 1:
                award["basis"]["paid_with_points"] = "excluded"

    def campaign(self, worth: object) -> Raw:
        starts, ends = sorted((self.near(100, 30), self.near(10, 200)))
        raw: Raw = {"starts": starts, "ends": ends}
        if self.likely(30):
            raw["audience"] = {"segment": "seg"} if self.likely(50) else self.condition(None, 1)
        if self.likely(30 + self.focus.shared):
            in_money = worth and self.likely(50)
            raw["budget"] = {"amount" if in_money else "points": self.some(1, 20, 100)}
        if self.likely(20):
            raw["holdout_percent"] = self.some(10, 50, 90)
        return raw

    def award(self, event: str, unit: str, *, base: bool) -> Raw | None:
        by_tier = {}
        for rung in self.rungs:
            if self.likely(20):
                times, over = self.random.choice(MULTIPLIERS)
                by_tier[rung] = {"times": times, "over": over}
        each = self.some("order", "order", "order", "line")
        if self.kinds[unit] == "stamps":
            return {"stamps": self.some(1, 1, 2), "each": self.some("order", "line", "item")}
        if event == "order.completed" and (base or self.likely(60)):
            rounding = {"rounding": self.some("down", "nearest", "up"), "basis": self.basis(), "each": each}
            if not self.worth[unit] or self.likely(75):
                points, per = self.random.choice(RATES)
                return {"points": points, "per": per, "by_tier": by_tier} | rounding
            return {"percent": self.some(1, 5, 10, 100), "by_tier": by_tier} | rounding
        if event == "order.completed" and unit == "points" and self.multiplies and self.likely(60):
            times, over = self.random.choice(MULTIPLIERS[1:])
            return {"multiply": {"times": times, "over": over}, "rule": "r0"}
        if self.likely(12):
            return None
        return {"fixed": self.some(1, 5, 10, 33), "each": self.some("order", "line", "item"), "by_tier": by_tier}

    def basis(self) -> Raw:
        others = {
            "tax": "excluded",
            "discount": "before",
            "shipping": "included",
            "gift_cards": "excluded",
            "paid_with_points": "excluded",
        }
        return {part: other for part, other in others.items() if self.likely(25)}

    def goods(self) -> Raw:
        raw: Raw = {}
        for what in self.random.sample(sorted(WORDS), self.some(1, 1, 2)):
            raw[what] = self.words(WORDS[what])
        if self.likely(25):
            what = self.random.choice(sorted(WORDS))
            raw["but_not"] = {what: self.words(WORDS[what])}
        return raw

    def goal(self, event: str) -> Raw:
        purchase = event == "order.completed"
        kind = self.some("count", "count", "spend" if purchase else "count", "streak", "different")
        repeats = {"repeats": self.likely(50)}
        if kind in ("count", "spend"):
            wanted = self.some(1, 2, 3) if kind == "count" else self.some(1, 20, 50, 100, 150)
            return {kind: wanted, "within": self.random.choice(WITHIN)} | repeats
        if kind == "streak":
            return {"streak": self.some(2, 2, 3), "of": self.some("day", "week", "month")} | repeats
        things = ("sku", "category", "brand", "store", "channel") if purchase else ("store", "channel")
        return {
            "different": self.some(2, 2, 3),
            "of": self.random.choice(things),
            "days": self.some(1, 3, 30),
        } | repeats

    def limit(self) -> Raw:
        per = self.some("event", "member", "member", *(("store", "all") if self.likely(self.focus.shared * 2) else ()))
        if per == "event":
            return {"per": per, "points": self.some(1, 5, 20)}
        sum_ = {"times": self.some(1, 2, 3)} if self.likely(40) else {"points": self.some(1, 5, 20, 100)}
        return {"per": per, "within": self.random.choice(WITHIN)} | sum_

    # Conditions

    def condition(self, event: str | None, depth: int) -> Raw:
        """A condition on an event of this type; of the member alone where there is none."""
        shape = self.random.random()
        if depth and shape < 0.4:
            parts = [self.condition(event, depth - 1) for _ in range(self.some(0, 1, 2, 2))]
            return {self.some("all", "any"): parts}
        if depth and shape < 0.5:
            return {"not": self.condition(event, depth - 1)}
        return self.comparison(event)

    def comparison(self, event: str | None) -> Raw:
        fact, type_, values = self.random.choice(self.facts(event))
        if type_ == "flag":
            return {"fact": fact, "is": "equals", "value": self.some(True, False)}
        ordered = ("equals", "differs", "at_least", "at_most", "above", "below", "one_of", "none_of")
        rank = ("equals", "differs", "at_least", "at_most", "one_of", "none_of")
        ways = {"set": ("one_of", "none_of"), "text": ("equals", "differs", "one_of", "none_of"), "rank": rank}
        is_ = self.random.choice(ways.get(type_, ordered))
        value = self.random.choice(values)
        if is_ in ("one_of", "none_of"):
            value = self.random.sample(values, min(len(values), self.some(1, 2)))
        return {"fact": fact, "is": is_, "value": value}

    def facts(self, event: str | None) -> list[tuple[str, str, tuple[Any, ...]]]:
        facts: list[tuple[str, str, tuple[Any, ...]]] = [
            ("member.tier", "rank", self.rungs),
            ("member.orders", "number", (0, 1, 2, 3)),
            ("member.spend", "money", (0, 1, 50, 100)),
            ("member.days_since_order", "number", (0, 1, 5, 30)),
            ("member.days_since_joining", "number", (0, 1, 5, 30)),
            ("member.is_birthday_month", "flag", ()),
            ("member.is_birthday", "flag", ()),
            ("member.is_referred", "flag", ()),
            *((f"member.track.{track}", "rank", RUNGS[:2]) for track in self.tracks),
        ]
        if event is None:
            return facts
        facts += [
            ("time.date", "date", (self.near(10, 10), self.near(10, 10))),
            ("time.weekday", "text", ("monday", "tuesday", "saturday", "sunday")),
            ("time.hour", "number", (0, 9, 12, 23)),
            ("time.day_of_month", "number", (1, 2, 15, 31)),
            ("time.month", "number", (1, 2, 3, 12)),
            ("time.is_holiday", "flag", ()),
            ("event.channel", "text", CHANNELS),
            ("event.store", "text", STORES),
        ]
        if event == "order.completed":
            facts += [
                ("order.amount", "money", (0, 1, 50, 100)),
                ("order.items", "number", (1, 2, 3)),
                ("order.discount", "money", (0, 1, 10)),
                ("order.shipping", "money", (0, 5)),
                ("order.paid_with_points", "money", (0, 1, 10)),
                *((f"order.{what}", "set", words) for what, words in WORDS.items()),
            ]
        values = {"number": (0, 1, 3, 5), "text": ("good", "bad"), "flag": ()}
        fields = FIELDS.get(event, {})
        return facts + [(f"event.{name}", type_, values[type_]) for name, type_ in fields.items()] * 3
