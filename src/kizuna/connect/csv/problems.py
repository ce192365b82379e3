"""Every way in which an import can fail as a whole. Nothing is posted before all files are read without one of these."""

from kizuna.core.errors import N_, Kind, Problem


class FileUnreadable(Problem):
    """A file is not there, may not be read, or is not what it looks like."""

    code = "file_unreadable"
    kind = Kind.INVALID
    title = N_("The file {file} cannot be read: {reason}.")
    remedy = N_("Check the path and export the file again as CSV or Parquet. Nothing was posted.")


class FileEmpty(Problem):
    """A file without a single row of data."""

    code = "file_empty"
    kind = Kind.INVALID
    title = N_("The file {file} has no rows.")
    remedy = N_("Export it again, with a head line and at least one row. Nothing was posted.")


class EncodingWrong(Problem):
    """The bytes of a CSV file are not text in the encoding named, or in any that we tell apart."""

    code = "encoding_wrong"
    kind = Kind.INVALID
    title = N_("The file {file} is not text in {encoding}: line {line} cannot be read.")
    remedy = N_("Save it as “CSV UTF-8”, or correct “csv.encoding” in the mapping. Nothing was posted.")


class LineTooLong(Problem):
    """A line of a CSV file that no row of orders fills."""

    code = "line_too_long"
    kind = Kind.INVALID
    title = N_("Line {line} of the file {file} is longer than {bytes_max} bytes; no row of orders is.")
    remedy = N_("Look whether the line ends were lost when it was written, and export it again. Nothing was posted.")


class ColumnMissing(Problem):
    """The mapping names a column that the file does not have."""

    code = "column_missing"
    kind = Kind.INVALID
    title = N_("The file {file} has no column “{column}”{hint}. It has: {columns}.")
    remedy = N_("Correct “{place}” in the mapping, or the head line of the file. Nothing was posted.")


class ColumnTwice(Problem):
    """The mapping names a column that stands more than once in the file."""

    code = "column_twice"
    kind = Kind.INVALID
    title = N_("The file {file} has the column “{column}” {count} times.")
    remedy = N_("Give each column of the file a name of its own. Nothing was posted.")


class ColumnUnreadable(Problem):
    """A column that holds something else altogether."""

    code = "column_unreadable"
    kind = Kind.INVALID
    title = N_("Nothing in the column “{column}” of {file} can be read; “{value}”, for example: {reason}.")
    remedy = N_(
        "Look at “{place}” in the mapping: another column may be meant, or another way of writing. Nothing was posted."
    )


class ZoneMissing(Problem):
    """Times without a zone, and the mapping names none."""

    code = "zone_missing"
    kind = Kind.INVALID
    title = N_("The times in the column “{column}” of {file} carry no zone, for example {example}.")
    remedy = N_("Say in the mapping which zone they are in: “time: {{column: {column}, zone: Asia/Tokyo}}”.")


class ReturnsNotImported(Problem):
    """A mapping of a back-test, which tells returns, given to an import."""

    code = "returns_not_imported"
    kind = Kind.INVALID
    title = N_("The mapping says which rows are returns (“kind”), and an import of orders takes purchases only.")
    remedy = N_(
        "Leave the returns out of the file and “kind” out of the mapping, and send returns as order.returned events. "
        "Nothing was posted."
    )


class FileTwice(Problem):
    """Two of the files have the same content: their amounts would count twice."""

    code = "file_twice"
    kind = Kind.INVALID
    title = N_("The files {file} and {other} have the same content.")
    remedy = N_("Name each file once. Nothing was posted.")


class FileChanged(Problem):
    """A file changed while it was being read."""

    code = "file_changed"
    kind = Kind.CONFLICT
    title = N_("The file {file} changed while it was being read.")
    remedy = N_("Import it again when it is complete. Nothing was posted.")


class RejectsUnwritable(Problem):
    """The file for rejected rows cannot be written."""

    code = "rejects_unwritable"
    kind = Kind.INVALID
    title = N_("Rejected rows cannot be written to {file}: {reason}.")
    remedy = N_("Choose another path for them. Nothing was posted.")


class RunUnknown(Problem):
    """No import has this id."""

    code = "run_unknown"
    kind = Kind.NOT_FOUND
    title = N_("There is no import {run}.")
    remedy = N_("Use the run id that the import printed.")


class NothingToReconcile(Problem):
    """An import that took nothing over."""

    code = "nothing_to_reconcile"
    kind = Kind.INVALID
    title = N_("The import {run} is one of orders: its files have no balances to compare with the ledger.")
    remedy = N_("Reconcile imports of members and of balances; “kizuna ledger verify” proves the whole ledger.")


class RunBeingUndone(Problem):
    """An import that is being taken back."""

    code = "run_being_undone"
    kind = Kind.CONFLICT
    title = N_("The import {run} is being taken back.")
    remedy = N_("Finish that first: “kizuna import undo {run}”. Nothing was posted.")


class RunUndone(Problem):
    """An import that was taken back already."""

    code = "run_undone"
    kind = Kind.CONFLICT
    title = N_("The import {run} was taken back already.")
    remedy = N_("Its files can be imported again.")


class RunOfBefore(Problem):
    """An import of which nobody noted what it recorded."""

    code = "run_of_before"
    kind = Kind.CONFLICT
    title = N_(
        "What the import {run} recorded was not noted: it recorded nothing, or an older version of Kizuna made it."
    )
    remedy = N_("Cancel its orders one by one (order.cancelled), or correct balances by hand.")
