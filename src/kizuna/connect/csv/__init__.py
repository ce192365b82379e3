"""The vendor "csv": orders from files, CSV or Parquet, posted as if the shop had sent them live, or read to be replayed."""

from kizuna.connect.csv.guess import FORMATS, Guess, Head, guess, head_of
from kizuna.connect.csv.history import HistoryRead, read_history
from kizuna.connect.csv.jobs import IN_BYTES, KIND, REJECTS, ask, handler, study_history
from kizuna.connect.csv.mapping import Mapping, MappingInvalid, parse_mapping
from kizuna.connect.csv.preview import Preview, RowRead, preview
from kizuna.connect.csv.reconciling import Difference, Reconciliation, reconcile
from kizuna.connect.csv.rejects import Phrase, Reject
from kizuna.connect.csv.service import import_orders
from kizuna.connect.csv.summary import FileRead, Orders, Phase, Progress, Summary
from kizuna.connect.csv.taken import Taken
from kizuna.connect.csv.takeover import foresee, take_over
from kizuna.connect.csv.taking_mapping import (
    BalancesMapping,
    BalancesMappingInvalid,
    MembersMapping,
    MembersMappingInvalid,
    parse_balances,
    parse_members,
)
from kizuna.connect.csv.undoing import Left, Undone, undo

__all__ = [
    "FORMATS",
    "IN_BYTES",
    "KIND",
    "REJECTS",
    "BalancesMapping",
    "BalancesMappingInvalid",
    "Difference",
    "FileRead",
    "Guess",
    "Head",
    "HistoryRead",
    "Left",
    "Mapping",
    "MappingInvalid",
    "MembersMapping",
    "MembersMappingInvalid",
    "Orders",
    "Phase",
    "Phrase",
    "Preview",
    "Progress",
    "Reconciliation",
    "Reject",
    "RowRead",
    "Summary",
    "Taken",
    "Undone",
    "ask",
    "foresee",
    "guess",
    "handler",
    "head_of",
    "import_orders",
    "parse_balances",
    "parse_mapping",
    "parse_members",
    "preview",
    "read_history",
    "reconcile",
    "study_history",
    "take_over",
    "undo",
]
