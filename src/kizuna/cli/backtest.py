"""Back-tests: a candidate program over a history of orders, from files or from a brand's own records."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from kizuna.cli.shared import Line, check_writable, json_option, read_text, show, with_db, writing
from kizuna.runtime.settings import Settings

if TYPE_CHECKING:
    from kizuna.program import Program
    from kizuna.simulate import Behaviour, Design, History, Played, Step

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a history is from: its money, its calendar."""

    currency: str
    country: str
    zone: ZoneInfo


@click.command("backtest")
@click.argument("program", type=_FILE)
@click.option("--orders", "orders", multiple=True, type=_FILE, help="Files of orders, CSV or Parquet.")
@click.option("--mapping", "mapping_file", type=_FILE, help="Which column of the files is what.")
@click.option("--brand", "slug", help="Replay this brand's own records instead of files.")
@click.option("--compare", multiple=True, type=_FILE, help="Other designs, to stand beside the first.")
@click.option("--from", "since", type=_DAY, help="The first day.")
@click.option("--to", "until", type=_DAY, help="The last day; points are counted as they stand on it.")
@click.option(
    "--redeem",
    default="never",
    show_default=True,
    help="Who redeems when: never, multiples:500, threshold:1000, fitted.",
)
@click.option("--margin", help="The gross margin in per cent of sales, such as 28 or 28.5.")
@click.option(
    "--grid", "axes", multiple=True, help="Values to try at a place: earning_rules.purchase.award.per=50,100,200"
)
@click.option("--currency", default="JPY", show_default=True, help="What amounts in files are counted in.")
@click.option("--zone", default="Asia/Tokyo", show_default=True, help="Whose days are meant.")
@click.option("--country", default="JP", show_default=True, help="Whose telephone numbers are meant.")
@click.option("--report", type=_NEW_FILE, help="Where the report goes, as one HTML file.")
@click.option("--tables", type=_FOLDER, help="A folder for the tables of the result, each as CSV and as Parquet.")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="ja", show_default=True, help="The report's language.")
@click.option("--processes", type=click.IntRange(1, 256), help="How many processes work; by default one a core.")
@json_option
@click.pass_obj
def backtest(settings: Settings, /, program: Path, *, as_json: bool, **options: Any) -> None:
    """Replay a history of orders by a PROGRAM that is not live yet: what it would have cost, who would have gained.

    The live engine decides every order, unchanged. Purchases are taken as they were, and redemptions as --redeem assumes: a back-test
    cannot know what members would have done otherwise.
    """
    asked = _Asked(settings, program, **options)
    report, tables = options["report"], options["tables"]
    if report is not None:
        check_writable(report)
    if tables is not None:
        with writing(tables):
            tables.mkdir(parents=True, exist_ok=True)
    found = asked.run()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)
    if report is not None:
        with writing(report):
            report.write_text(asked.report(found), encoding="utf-8")
    if tables is not None:
        with writing(tables):
            _save(found, tables)


def _save(found: dict[str, Any], folder: Path) -> None:
    """Write the tables of every design."""
    from kizuna.web.backtest import saved, tables

    made = tables([found, *found["compared"]])
    saved(made, folder, "csv")
    saved(made, folder, "parquet")


class _Asked:
    """What was asked for, read and checked before any work begins."""

    def __init__(self, settings: Settings, program: Path, **options: Any) -> None:
        from kizuna.simulate import Design, parse_axis, parse_behaviour

        self._settings, self._options = settings, options
        if bool(options["orders"]) == bool(options["slug"]):
            raise click.UsageError("Say where the history is: --orders with --mapping, or --brand.")
        if options["orders"] and options["mapping_file"] is None:
            raise click.UsageError("--orders needs --mapping; examples/orders/mapping.yaml shows one.")
        self._is_fitted = options["redeem"].strip().lower() == "fitted"
        if self._is_fitted and not options["slug"]:
            raise click.UsageError("--redeem fitted needs --brand: files of orders hold no redemptions.")
        behaviour = parse_behaviour("never" if self._is_fitted else options["redeem"])
        self.margin = _margin(options["margin"])
        self.axes = [parse_axis(text) for text in options["axes"]]
        self.designs = [Design(file.stem, _program(file), behaviour) for file in (program, *options["compare"])]
        self.currency = _currency(options["currency"])
        self.notes: Sequence[str] = ()

    def run(self) -> dict[str, Any]:
        """Replay, and return everything as plain data."""
        from kizuna.simulate import in_grid, told, variants, variation, winners

        with Line() as line:
            history, place, behaviour, notes = self._history(line)
            self.currency, self.notes = place.currency, history.notes
            designs = [one if behaviour is None else one._replace(behaviour=behaviour) for one in self.designs]
            grid = variants(designs[0], self.axes) if self.axes else []
            played = self._play(history, place, [*designs, *(one for _, one in grid)], line)
        results = [told(one, self.margin) for one in played]
        first, *others = results[: len(designs)]
        return {
            "history": {
                "name": history.name,
                "rows": len(history),
                **notes,
                "notes": [str(note) for note in history.notes],
                "currency": place.currency,
                "zone": place.zone.key,
            },
            **first,
            "compared": others,
            "winners": [winners(played[0], one) for one in played[1 : len(designs)]],
            "variation": variation(history, played[0]),
            "grid": in_grid(self.axes, [values for values, _ in grid], results[len(designs) :]),
        }

    def report(self, found: dict[str, Any]) -> str:
        """Return the report as HTML."""
        from kizuna.web.backtest import report
        from kizuna.web.words import reason

        lang = self._options["lang"]
        notes = [reason(lang, note) for note in self.notes]
        return report(
            [found, *found["compared"]], found["winners"], found["variation"], lang=lang, currency=self.currency, standalone=True,
            notes=notes, grid=found["grid"],
        )  # fmt: skip

    def _play(self, history: "History", place: Place, designs: "Sequence[Design]", line: Line) -> "list[Played]":
        from kizuna.core.days import day_number
        from kizuna.simulate import play

        def tell(step: "Step") -> None:
            line.say(f"Replaying  {step.done} of {step.of}")

        since, until = (None if day is None else day_number(day.date()) for day in self._days())
        processes = self._options["processes"]
        return play(history, designs, place.zone, since=since, until=until, processes=processes, progress=tell)

    def _days(self) -> tuple[datetime | None, datetime | None]:
        since, until = self._options["since"], self._options["until"]
        if since is not None and until is not None and since > until:
            raise click.UsageError("--from lies after --to.")
        return since, until

    def _history(self, line: Line) -> "tuple[History, Place, Behaviour | None, dict[str, Any]]":
        if self._options["slug"]:
            return self._records(line)
        from babel.numbers import get_currency_precision

        from kizuna.connect import csv

        place = Place(self.currency, self._options["country"], _zone(self._options["zone"]))
        mapping = csv.parse_mapping(read_text(self._options["mapping_file"], csv.MappingInvalid))
        line.say("Reading")
        read = csv.read_history(
            self._options["orders"], mapping, currency=place.currency, currency_digits=get_currency_precision(place.currency),
            country=place.country,
        )  # fmt: skip
        for reject in read.rejects[:5]:
            click.echo(f"{reject.file}, row {reject.row}: {reject.reason}. {reject.remedy}", err=True)
        if len(read.rejects) > 5:
            click.echo(f"… and {len(read.rejects) - 5:,} more rows that cannot be used", err=True)
        return read.history, place, None, {"rows_read": read.rows, "rows_rejected": read.rows_rejected}

    def _records(self, line: Line) -> "tuple[History, Place, Behaviour | None, dict[str, Any]]":
        from kizuna.runtime.brands import get_brand
        from kizuna.simulate import fit, recorded

        async def story(db: Any) -> Any:
            brand = await get_brand(db, self._options["slug"])
            async with db.transaction(brand.schema) as conn:
                history = await recorded(conn, brand, lambda done, of: line.say(f"Reading  {done:,} of {of:,}"))
            return history, Place(brand.currency, brand.country, brand.zone)

        history, place = with_db(self._settings, story)
        behaviour = fit(history, self.designs[0].program, place.zone) if self._is_fitted else None
        return history, place, behaviour, {}


def _program(file: Path) -> "Program":
    from kizuna.program import parse

    return parse(read_text(file))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as fault:
        raise click.UsageError(f"“{name}” is no time zone; write one such as Asia/Tokyo or UTC.") from fault


def _currency(code: str) -> str:
    from kizuna.runtime.brands import is_currency

    if not is_currency(code):
        raise click.UsageError(f"“{code}” is no currency; write an ISO 4217 code, such as --currency JPY or USD.")
    return code


def _margin(text: str | None) -> int | None:
    """Return per cent as parts of a million."""
    if text is None:
        return None
    try:
        percent = Decimal(text.strip().removesuffix("%"))
    except InvalidOperation as fault:
        raise click.UsageError(f"“{text}” is no per cent; write --margin 28 or --margin 28.5.") from fault
    if percent.is_nan() or not Decimal("0.0001") <= percent <= 100:
        raise click.UsageError("--margin lies between 0.0001 and 100 per cent.")
    return int(percent * 10_000)


def _show(found: dict[str, Any]) -> None:
    """Print the totals of every design, for a person."""
    from kizuna.simulate import TOTALS

    for one in (found, *found["compared"]):
        cost = one["cost"] or {}
        facts = {name: one[name] for name in ("name", "since", "until", "members")} | {"sales": one["sales"]["amount"]}
        facts |= {name: one[name] for name in TOTALS} | {"liability": cost.get("liability")}
        facts |= {"redemptions refused": one["refused"]} if one["refused"] else {}
        facts |= {
            "cost of sales": _percent(cost.get("of_sales")),
            "pays from a lift of": _percent(cost.get("break_even")),
        }
        show({name: "—" if value is None else value for name, value in facts.items()}, as_json=False)
        click.echo()
    for one in found["grid"]["variants"]:
        told, share = ", ".join(map(str, one["values"])), _percent((one["cost"] or {}).get("of_sales"))
        click.echo(f"{told}: issued {one['issued']:,}, outstanding {one['outstanding']:,}, {share or '—'} of sales")


def _percent(millionths: int | None) -> str | None:
    return None if millionths is None else f"{millionths / 10_000:.2f} %"
