"""What keeps an operation from moving points: each reason its own typed error. Whatever raises one has moved nothing."""

from kizuna.core.errors import N_, Kind, Problem


class PointsShort(Problem):
    """More points were asked for than may be spent here and now."""

    code = "insufficient_points"
    kind = Kind.CONFLICT
    title = N_("{asked} points were asked for; {available} may be spent here.")
    remedy = N_("Ask for fewer points, or wait until more have been earned.")


class AmountTooLarge(Problem):
    """A number of points that no account can hold."""

    code = "points_too_many"
    kind = Kind.INVALID
    title = N_("{points} points are more than an account can hold ({points_max}).")
    remedy = N_("Check the number; nothing was moved.")


class NothingToExtend(Problem):
    """No open points would last longer."""

    code = "nothing_to_extend"
    kind = Kind.CONFLICT
    title = N_("No open points of the unit “{unit}” end before {through}.")
    remedy = N_("Choose a later date, or another unit.")


class SweepAhead(Problem):
    """A sweep by a day that has not come."""

    code = "sweep_ahead"
    kind = Kind.INVALID
    title = N_("{as_of} is a day to come; it is {today} for this brand.")
    remedy = N_("Sweep by today or a day before it.")
