"""The only writer of points: entries, accounts, the proof that one follows from the other."""

from kizuna.ledger import hold_store
from kizuna.ledger.books import BOOKKEEPER, SIGNS, Book, outstanding, program_accounts
from kizuna.ledger.books import Line as BookLine
from kizuna.ledger.books import differences as books_differ
from kizuna.ledger.books import rebuild as rebuild_books
from kizuna.ledger.glance_store import glance, glance_history, glanced, glanced_history
from kizuna.ledger.hands import POINTS_MAX, Hand, Usable, everything, line_key, page_key, split
from kizuna.ledger.history_store import Adjusted, adjusted, entries_all, kinds
from kizuna.ledger.hold_store import Hold, HoldState, due_holds, holds, open_holds, restored
from kizuna.ledger.jobs import SEALER, VERIFIER, LedgerDiffers
from kizuna.ledger.model import HANDED, NO_RULE, UNMOVED, Account, AccountStatus, Entry, Sums
from kizuna.ledger.posting import Cause, Ledgers, due, lock, member_key, post, settle, written
from kizuna.ledger.problems import AmountTooLarge, NothingToExtend, PointsShort, SweepAhead
from kizuna.ledger.proof.books import POSTED
from kizuna.ledger.proof.crew import ProofBrokenOff
from kizuna.ledger.proof.model import Proof
from kizuna.ledger.proof.parts import Effort
from kizuna.ledger.proof.verify import verify
from kizuna.ledger.rebuild import Rebuilt, rebuild
from kizuna.ledger.replay import Replay, Touched, as_of, replay, spendable, touched, waits_for_event
from kizuna.ledger.service import NEWEST, account, accounts, all_accounts, history, whereabouts
from kizuna.ledger.statement import Standing, Statement, balance_at, statement
from kizuna.ledger.store import account_of
from kizuna.ledger.story import OLDEST, Making, Told, Wish, entries_of, first_key, makings, moved, tell
from kizuna.ledger.sweep import SWEEP, Swept, sweep
from kizuna.ledger.sweep import turn as turn_sweep

__all__ = [
    "BOOKKEEPER",
    "HANDED",
    "NEWEST",
    "NO_RULE",
    "OLDEST",
    "POINTS_MAX",
    "POSTED",
    "SEALER",
    "SIGNS",
    "SWEEP",
    "UNMOVED",
    "VERIFIER",
    "Account",
    "AccountStatus",
    "Adjusted",
    "AmountTooLarge",
    "Book",
    "BookLine",
    "Cause",
    "Effort",
    "Entry",
    "Hand",
    "Hold",
    "HoldState",
    "LedgerDiffers",
    "Ledgers",
    "Making",
    "NothingToExtend",
    "PointsShort",
    "Proof",
    "ProofBrokenOff",
    "Rebuilt",
    "Replay",
    "Standing",
    "Statement",
    "Sums",
    "SweepAhead",
    "Swept",
    "Told",
    "Touched",
    "Usable",
    "Wish",
    "account",
    "account_of",
    "accounts",
    "adjusted",
    "all_accounts",
    "as_of",
    "balance_at",
    "books_differ",
    "due",
    "due_holds",
    "entries_all",
    "entries_of",
    "everything",
    "first_key",
    "glance",
    "glance_history",
    "glanced",
    "glanced_history",
    "history",
    "hold_store",
    "holds",
    "kinds",
    "line_key",
    "lock",
    "makings",
    "member_key",
    "moved",
    "open_holds",
    "outstanding",
    "page_key",
    "post",
    "program_accounts",
    "rebuild",
    "rebuild_books",
    "replay",
    "restored",
    "settle",
    "spendable",
    "split",
    "statement",
    "sweep",
    "tell",
    "touched",
    "turn_sweep",
    "verify",
    "waits_for_event",
    "whereabouts",
    "written",
]
