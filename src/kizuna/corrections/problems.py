"""Every way in which a correction by hand can be refused beside what the operation itself refuses."""

from kizuna.core.errors import N_, Kind, Problem


class SamePerson(Problem):
    """Who asked for a correction cannot approve it."""

    code = "same_person"
    kind = Kind.FORBIDDEN
    title = N_("You asked for this correction yourself.")
    remedy = N_("Somebody else has to look at it and approve it. You can withdraw it.")


class CorrectionDecided(Problem):
    """A correction that nobody can decide any more."""

    code = "correction_decided"
    kind = Kind.CONFLICT
    title = N_("This was decided already, by {who}.")
    remedy = N_("Nothing was changed. Open the approvals to see what became of it.")


class CorrectionKeyReused(Problem):
    """The same key came before with another correction."""

    code = "correction_conflict"
    kind = Kind.CONFLICT
    title = N_("This key was used before for another correction.")
    remedy = N_("A new correction needs a new key. What was recorded stays as it was.")


class BulkUnreadable(Problem):
    """A file that is no CSV text."""

    code = "bulk_unreadable"
    kind = Kind.INVALID
    title = N_("This file cannot be read as CSV.")
    remedy = N_("Save it from your spreadsheet as CSV (UTF-8 or Shift_JIS) and send it again.")


class BulkEmpty(Problem):
    """No row that could be carried out."""

    code = "bulk_empty"
    kind = Kind.INVALID
    title = N_("No row of this file can be carried out.")
    remedy = N_("Look at the remarks on the rows, correct the file and send it again.")


class BulkTooLong(Problem):
    """More rows than one file may have."""

    code = "bulk_too_long"
    kind = Kind.TOO_LARGE
    title = N_("This file has more than {rows_max} rows.")
    remedy = N_("Split it and send the parts one after the other.")


class BulkTooLarge(Problem):
    """More bytes than one file may have."""

    code = "bulk_too_large"
    kind = Kind.TOO_LARGE
    title = N_("This file is larger than {mib_max} MB.")
    remedy = N_("Split it and send the parts one after the other.")


class BulkGone(Problem):
    """A confirmed file whose content is no longer here."""

    code = "bulk_gone"
    kind = Kind.NOT_FOUND
    title = N_("The content of this file is no longer here.")
    remedy = N_("It cannot be carried out. Turn it down, and send the file again if it is still wanted.")


class ColumnLacking(Problem):
    """A column without which no row means anything."""

    code = "column_lacking"
    kind = Kind.INVALID
    title = N_("The file has no column “{column}”.")
    remedy = N_("The first row must name the columns: {columns}.")


class CellMissing(Problem):
    """An empty cell that must hold something."""

    code = "cell_missing"
    kind = Kind.INVALID
    title = N_("The cell “{column}” is empty.")
    remedy = N_("Fill it in.")


class CellNoNumber(Problem):
    """Points that are no whole number."""

    code = "cell_no_number"
    kind = Kind.INVALID
    title = N_("“{value}” is not a whole number of points.")
    remedy = N_("Write digits such as 500, or -500 to take points.")


class CellNoDay(Problem):
    """A last day that is none."""

    code = "cell_no_day"
    kind = Kind.INVALID
    title = N_("“{value}” is not a day of the calendar.")
    remedy = N_("Write it as 2026-11-21 or 2026/11/21.")


class CellTooLong(Problem):
    """More text than a note holds."""

    code = "cell_too_long"
    kind = Kind.INVALID
    title = N_("This note has {characters} characters; there is room for {characters_max}.")
    remedy = N_("Shorten it.")


class RowBroken(Problem):
    """A row with more or fewer cells than the head line."""

    code = "row_broken"
    kind = Kind.INVALID
    title = N_("This row has {found} cells; the first row names {wanted}.")
    remedy = N_("Put values that contain commas between quotation marks.")


class MemberMissing(Problem):
    """A row that names nobody who is a member."""

    code = "row_unknown_member"
    kind = Kind.INVALID
    title = N_("No member is known as {subject}.")
    remedy = N_("Check the number, and what the member column holds.")
