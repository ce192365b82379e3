"""Tiers: figures, reviews and raises of every track (10), steps and stages (11)."""

from engine.reference.calendar import window, window_end
from engine.reference.memory import Memory, Slot, Stand
from kizuna.core.days import DAY_NEVER
from kizuna.program import Downgrade, Held, Program, Tiers, Window


def tracks(program: Program) -> dict[str, Tiers]:
    """All tracks by their id; the program's own tiers have none."""
    return {"": program.tiers} | {track.id: track for track in program.tracks}


def slot(track: str, tiers: Tiers) -> tuple[Slot, int]:
    """Where a track's figure is remembered, and in how many cells."""
    rolls = tiers.window is Window.ROLLING
    cells = tiers.months + 2 if rolls else 1 if tiers.window is Window.LIFETIME else 2
    return ("tier", track, tiers.by, tiers.unit or "", tiers.window, str(tiers.months if rolls else 0)), cells


def figure(memory: Memory, track: str, tiers: Tiers, day: int, earlier: int = 0) -> int:
    """What counts in the window of `day`, or in the `earlier`-th before it."""
    number = window(tiers, day) - earlier
    months = range(number - tiers.months + 1, number + 1) if tiers.window is Window.ROLLING else [number]
    return sum(memory.read(*slot(track, tiers), month) or 0 for month in months)


def rung_of(tiers: Tiers, points: int) -> int:
    return max(number for number, level in enumerate(tiers.levels) if points >= level.at)


def standing(memory: Memory, track: str, tiers: Tiers) -> tuple[int, int] | None:
    """The rung's number and the last day on which it is kept; None where there is none that the document knows."""
    known = memory.standings.get(track)
    for number, level in enumerate(tiers.levels):
        if known is not None and level.id == known.rung:
            return number, known.through
    return None


def hold(tiers: Tiers, day: int) -> int:
    """How long a rung is kept that is reached on `day`."""
    end = window_end(tiers, day)
    if tiers.held is Held.NEXT_WINDOW:
        end = window_end(tiers, day, tiers.months if tiers.window is Window.ROLLING else 1)
    return end if end == DAY_NEVER else end + tiers.grace_days


def put(memory: Memory, track: str, tiers: Tiers, rung: int, through: int) -> None:
    memory.standings[track] = Stand(tiers.levels[rung].id, through)


def review(memory: Memory, track: str, tiers: Tiers, day: int) -> None:
    """Put the member where the figure says, on the day after the last one that was kept."""
    reached = rung_of(tiers, figure(memory, track, tiers, day))
    calendar = tiers.window not in (Window.ROLLING, Window.LIFETIME)
    if calendar and tiers.held is Held.NEXT_WINDOW:
        reached = max(reached, rung_of(tiers, figure(memory, track, tiers, day, earlier=1)))
    old = standing(memory, track, tiers)
    if old is not None and tiers.downgrade is Downgrade.ONE_STEP:
        reached = max(reached, old[0] - 1)
    if reached == 0:
        through = DAY_NEVER
    elif tiers.window is Window.ROLLING and tiers.held is Held.NEXT_WINDOW:
        through = hold(tiers, day)
    else:
        through = window_end(tiers, day)
        through = through if through == DAY_NEVER else through + tiers.grace_days
    put(memory, track, tiers, reached, through)


def touch(memory: Memory, program: Program, day: int) -> None:
    """Make the reviews that are due."""
    for track, tiers in tracks(program).items():
        known = standing(memory, track, tiers)
        reviewed = known is None
        if reviewed:
            review(memory, track, tiers, day)
        while standing(memory, track, tiers)[1] < day:
            review(memory, track, tiers, standing(memory, track, tiers)[1] + 1)
            reviewed = True
        if reviewed:
            rise(memory, track, tiers, day)


def rise(memory: Memory, track: str, tiers: Tiers, day: int) -> None:
    """Raise the member, or keep the rung longer, by the figure of the day's window."""
    rung, through = standing(memory, track, tiers) or (0, day)
    reached = rung_of(tiers, figure(memory, track, tiers, day))
    held = hold(tiers, day)
    if reached >= max(rung, 1) and held >= memory.seen:
        put(memory, track, tiers, reached, held if rung == 0 else max(through, held))


def stage(memory: Memory, program: Program) -> int:
    """The number of the first stage that is not passed."""
    if program.journey is None:
        return 0
    stages = program.journey.stages
    for number, one in enumerate(stages):
        done = sum(memory.ever("step", step.rule) >= step.times for step in one.steps)
        if not one.steps or done < (one.needs or len(one.steps)):
            return number
    return len(stages) - 1
