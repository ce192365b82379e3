"""The garbage collector, told to look less often: deciding and posting make many objects, hardly any of them in a circle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_CALM = (50_000, 20, 50)


@contextmanager
def calm_collector() -> Iterator[None]:
    """Calm the collector, and leave what was loaded before out of its rounds."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_CALM)
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
