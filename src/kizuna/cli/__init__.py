"""The command line: `kizuna …`. Every command prints what it did, or what is wrong and what to do; `--json` for programs.

Exit codes: 0 done, 1 a problem that the message explains, 2 wrong usage.
"""

import logging
import sys
from typing import Any, NoReturn

import click

from kizuna.cli import backtest, books, brands, database, imports, insight, ledger, program_words, programs, serving
from kizuna.core.errors import Problem
from kizuna.runtime.collector import calm_collector
from kizuna.runtime.settings import Settings


class Kizuna(click.Group):
    """The root group: a problem becomes two sentences and exit code 1, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            _fail(problem)


def _fail(problem: Problem) -> NoReturn:
    click.echo(f"kizuna: {problem}", err=True)
    sys.exit(1)


@click.group(cls=Kizuna)
@click.version_option(package_name="kizuna")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Kizuna (絆): customer loyalty that counts every point once."""
    ctx.with_resource(calm_collector())
    settings = Settings.load()
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    ctx.obj = settings


for words in (program_words.program_diff, program_words.program_explain):
    programs.program.add_command(words)
for sheet in (books.statement, books.accounts):
    ledger.ledger.add_command(sheet)
for command in (
    serving.demo,
    serving.serve,
    serving.worker,
    database.db,
    brands.brand,
    brands.owner,
    brands.key,
    programs.program,
    backtest.backtest,
    imports.import_,
    ledger.ledger,
    insight.insight,
    ledger.members,
):
    main.add_command(command)
