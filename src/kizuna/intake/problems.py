"""Every way in which an event can be refused before it is decided."""

from kizuna.core.errors import N_, Kind, Problem


class EventMalformed(Problem):
    """The bytes are not JSON."""

    code = "event_malformed"
    kind = Kind.MALFORMED
    title = N_("This is not JSON: {reason}.")
    remedy = N_("Send one CloudEvent, an array of them, or one a line (application/x-ndjson).")


class EventInvalid(Problem):
    """A field is missing, of the wrong type or out of range."""

    code = "event_invalid"
    kind = Kind.INVALID
    title = N_("The field {field_name} cannot be read: {reason}.")
    remedy = N_("Correct the field and send the event again; nothing was recorded.")


class EventTypeUnknown(Problem):
    """An event of a type that no program can speak of."""

    code = "event_type_unknown"
    kind = Kind.INVALID
    title = N_("There is no event type “{type}”.")
    remedy = N_("Use one of: {known}.")


class TimeOutOfRange(Problem):
    """An event from the future, or from before 1970."""

    code = "time_out_of_range"
    kind = Kind.INVALID
    title = N_("The time {time} lies {where}.")
    remedy = N_("Send the time at which it happened, with its zone; check the sender’s clock.")


class CurrencyWrong(Problem):
    """An order in another currency than the brand's."""

    code = "currency_wrong"
    kind = Kind.INVALID
    title = N_("This order is in {currency}; this brand counts in {expected}.")
    remedy = N_("Convert the amount, or send it to the brand that counts in {currency}.")


class PayloadDiffers(Problem):
    """The same source and id came before with another payload."""

    code = "event_conflict"
    kind = Kind.CONFLICT
    title = N_("The event {id} of {source} was recorded before with another content.")
    remedy = N_("A new event needs a new id. What was recorded stays as it was.")


class BatchTooLarge(Problem):
    """More events than one request may carry."""

    code = "batch_too_large"
    kind = Kind.TOO_LARGE
    title = N_("This request carries {count} events; {count_max} is the most.")
    remedy = N_("Split it; nothing was recorded.")


class EventUnrecordable(Problem):
    """A mistake of ours keeps one event from being recorded; the log says more. Its neighbours are recorded."""

    code = "event_unrecordable"
    kind = Kind.UNAVAILABLE
    title = N_("This event could not be recorded because of a mistake on our side.")
    remedy = N_("Nothing of it was recorded. Tell the operator; the log has it under the event’s id.")


class FieldUnknown(Problem):
    """A field that the event's type does not have."""

    code = "field_unknown"
    kind = Kind.INVALID
    title = N_("Events of the type {type} have no field “{name}”.")
    remedy = N_("It has these: {known}. Nothing was recorded.")


class FieldMisspelt(FieldUnknown):
    """A field that the event's type nearly has."""

    remedy = N_("Did you mean “{near}”? It has these: {known}. Nothing was recorded.")


class UnitUnknown(Problem):
    """Points of a unit that the program does not have, or that cannot be spent."""

    code = "unit_unknown"
    kind = Kind.INVALID
    title = N_("This program has no spendable points “{unit}”.")
    remedy = N_("Use one of: {known}.")


class SelfReferral(Problem):
    """A member who says that they brought themselves."""

    code = "self_referral"
    kind = Kind.INVALID
    title = N_("Nobody can be brought by themselves.")
    remedy = N_("Leave “referred_by” out, or name who brought the member; nothing was recorded.")


class OwnDoor(Problem):
    """An operation told as an event."""

    code = "operation_not_an_event"
    kind = Kind.INVALID
    title = N_("“{type}” is an operation, not an event that can be told.")
    remedy = N_("Use its own address under /v1 (holds, redemptions, transfers, adjustments, merges).")


class MemberIsClosed(Problem):
    """Nothing happens any more on a closed account."""

    code = "member_closed"
    kind = Kind.CONFLICT
    title = N_("The account of {subject} is closed.")
    remedy = N_("Nothing was moved. Enrol the person anew if they come back.")
