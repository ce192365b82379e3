"""`python -m benchmarks [NAME]`: measure everything, or one."""

import sys
from importlib import import_module

from benchmarks.harness import load, report

MODULES = {
    "faces": "faces",
    "engine": "engine",
    "backtest": "backtest",
    "ledger": "ledger",
    "sweep": "sweep",
    "statements": "statements",
    "intake": "intake",
    "import": "importing",
    "takeover": "takeover",
    "my_page": "my_page",
    "lighthouse": "lighthouse",
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, all by default; return the exit code."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; use one of: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    for name in names or MODULES:
        before = load()
        report(name, before, import_module(f"benchmarks.{MODULES[name]}").measure())
    return 0


sys.exit(main(sys.argv[1:]))
