"""The demo: a shop brought up from a real grocer's year, through the same doors as any other brand."""

from kizuna.demo.run import run

__all__ = ["run"]
