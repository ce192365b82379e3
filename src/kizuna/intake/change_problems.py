"""Every way in which a change of an order, or news of it, can be refused. Nothing is recorded of it then."""

from kizuna.core.errors import N_, Kind, Problem


class OrderUnknown(Problem):
    """The order has not arrived, or not from this shop."""

    code = "order_unknown"
    kind = Kind.INVALID
    title = N_("The order {order} of {shop} is not known here.")
    remedy = N_("Send the order first, then this event again; nothing was recorded. “shop” must be the order’s own.")


class OrderOfAnother(Problem):
    """The order belongs to another member."""

    code = "order_of_another"
    kind = Kind.CONFLICT
    title = N_("The order {order} of {shop} is another member’s.")
    remedy = N_("Name the member who bought; nothing was recorded.")


class OrderToldAlready(Problem):
    """An order is delivered once, and its return window is over once."""

    code = "order_told_already"
    kind = Kind.CONFLICT
    title = N_("Of the order {order} of {shop}, {type} was recorded before, by another event.")
    remedy = N_("An order has it once; nothing was recorded.")


class OrderKnown(Problem):
    """The order was told before, by an event with another id."""

    code = "order_known"
    kind = Kind.CONFLICT
    title = N_("The order {order} of {shop} was recorded before, by another event.")
    remedy = N_("An order is told once. Use order.amended to correct it; nothing was recorded.")


class ChangeTooLate(Problem):
    """The order is older than the program takes back."""

    code = "change_too_late"
    kind = Kind.CONFLICT
    title = N_("The order {order} is {days} days old; this program takes changes for {days_max} days.")
    remedy = N_("Nothing was recorded, and its points stay as they are.")


class NothingKept(Problem):
    """Everything of the order came back before."""

    code = "nothing_kept"
    kind = Kind.CONFLICT
    title = N_("Nothing of this order is left that could come back.")
    remedy = N_("Nothing was recorded. Use order.amended to say what is kept in full.")


class ReturnsTooMuch(Problem):
    """More comes back than is left."""

    code = "returns_too_much"
    kind = Kind.CONFLICT
    title = N_("{asked} cannot come back: {left} are left of it.")
    remedy = N_("Correct the field; nothing was recorded. Use order.amended to say what is kept in full.")


class ItemUnknown(Problem):
    """The order has no such item."""

    code = "item_unknown"
    kind = Kind.INVALID
    title = N_("This order has no item {sku}.")
    remedy = N_("Name one of its items: {known}. Nothing was recorded.")


class LinesUnknown(Problem):
    """The order was told without lines."""

    code = "lines_unknown"
    kind = Kind.INVALID
    title = N_("This order was told without lines, so that none of them can come back.")
    remedy = N_("Tell the “amount” that was given back instead; nothing was recorded.")
