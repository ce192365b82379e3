"""Serving: the site, the worker, the demo."""

import click

from kizuna.cli.shared import run_loop
from kizuna.runtime.settings import Settings


@click.command()
@click.option("--sibling", "is_sibling", is_flag=True, hidden=True, help="Join a process that serves at this port.")
@click.pass_obj
def serve(settings: Settings, *, is_sibling: bool) -> None:
    """Serve the API, the console and My Page."""
    from kizuna.app import serve as serve_site
    from kizuna.runtime.server import reach

    run_loop(serve_site(settings, reach(settings), is_sibling=is_sibling))


@click.command()
@click.pass_obj
def worker(settings: Settings) -> None:
    """Follow the outbox: everything that happens after a commit."""
    from kizuna.app import run_worker
    from kizuna.runtime.server import reach

    run_loop(run_worker(settings, reach(settings)))


@click.command()
@click.option("--serve/--no-serve", "serving", default=True, help="Serve until Ctrl-C after setting up.")
@click.pass_obj
def demo(settings: Settings, *, serving: bool) -> None:
    """Bring up a shop with a real year of purchases, and show it."""
    from kizuna.demo import run

    run(settings, serving=serving)
