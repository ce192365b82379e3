"""How points are held, transferred, donated, pooled and adjusted, in sentences. Pure."""

from collections.abc import Sequence

from kizuna.core.errors import N_
from kizuna.program.messages import Message, Said, after, main_unit, n_, noted, say, sum_of, values
from kizuna.program.model import Program
from kizuna.program.operations import Adjustments, Between, Charity, Holds, Pools, Transfers

_WHOM = {
    Between.ANYBODY: N_("other members"),
    Between.POOL: N_("members of their own family or group"),
}


def stretch(minutes: int) -> Message:
    """Return a stretch of minutes as one says it: "30 minutes", "2 hours", "7 days"."""
    if minutes % 1_440 == 0:
        return n_("{n} day", "{n} days", minutes // 1_440)
    if minutes % 60 == 0:
        return n_("{n} hour", "{n} hours", minutes // 60)
    return n_("{n} minute", "{n} minutes", minutes)


def holds(terms: Holds) -> Message:
    """Return for how long a checkout reserves points."""
    return say(
        N_("A checkout holds points for {time}, and for {most} at most; without a payment they come back."),
        time=stretch(terms.minutes),
        most=stretch(terms.minutes_max),
    )


def transfers(program: Program, terms: Transfers | None) -> Message:
    """Return to whom points may be given, and how many at a time."""
    if terms is None:
        return say(N_("Points cannot be transferred to others."))
    whom, unit = say(_WHOM[terms.between]), main_unit(program).id
    least = sum_of(program, terms.minimum, unit)
    if terms.maximum is not None:
        most = sum_of(program, terms.maximum, unit)
        return say(N_("Members can transfer {least} to {most} at a time to {whom}."), least=least, most=most, whom=whom)
    if terms.minimum > 1:
        return say(N_("Members can transfer {least} or more at a time to {whom}."), least=least, whom=whom)
    return say(N_("Members can transfer points to {whom}."), whom=whom)


def charities(known: Sequence[Charity]) -> Message:
    """Return to which causes points may be donated."""
    if not known:
        return say(N_("Points cannot be donated."))
    return say(N_("Members can donate points to {charities}."), charities=values(one.name for one in known))


def pools(terms: Pools | None) -> Message:
    """Return whether people use their points together."""
    if terms is None:
        return say(N_("Everybody uses only their own points."))
    return say(
        N_("In a family or group, up to {members} use their points together."),
        members=n_("{n} member", "{n} members", terms.members_max),
    )


def adjustments(program: Program, terms: Adjustments) -> Said:
    """Return for which reasons points are corrected by hand, and which corrections a second person has to approve."""
    told = [say(N_("Adjustments by hand are made for one of the usual reasons."))]
    if terms.reasons:
        reasons = noted(one.name for one in terms.reasons)
        told = [say(N_("Further reasons for adjustments: {reasons}."), reasons=reasons)]
    approved = approval(program, terms)
    return after([*told, approved] if approved is not None else told)


def approval(program: Program, terms: Adjustments) -> Message | None:
    """Return which corrections a second person has to approve, None where none has to be."""
    if terms.approval_above is None:
        return None
    if terms.approval_above == 0:
        return say(N_("A second person approves every adjustment."))
    points = sum_of(program, terms.approval_above, main_unit(program).id)
    return say(N_("A second person approves every adjustment of more than {points}."), points=points)
