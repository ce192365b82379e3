"""The only writer of points: entries, accounts, the proof that one follows from the other."""

from kizuna.ledger.glance_store import glance, glance_history, glanced, glanced_history
from kizuna.ledger.jobs import SEALER, VERIFIER, LedgerDiffers
from kizuna.ledger.model import NO_RULE, Account, Entry, Sums
from kizuna.ledger.posting import Cause, Ledgers, due, lock, member_key, post
from kizuna.ledger.replay import Replay, Touched, as_of, replay, spendable, touched, waits_for_event
from kizuna.ledger.service import NEWEST, account, accounts, all_accounts, history
from kizuna.ledger.store import account_of
from kizuna.ledger.story import OLDEST, Making, Told, Wish, entries_of, first_key, makings, moved, tell
from kizuna.ledger.verify import POSTED, Proof, verify

__all__ = [
    "NEWEST",
    "NO_RULE",
    "OLDEST",
    "POSTED",
    "SEALER",
    "VERIFIER",
    "Account",
    "Cause",
    "Entry",
    "LedgerDiffers",
    "Ledgers",
    "Making",
    "Proof",
    "Replay",
    "Sums",
    "Told",
    "Touched",
    "Wish",
    "account",
    "account_of",
    "accounts",
    "all_accounts",
    "as_of",
    "due",
    "entries_of",
    "first_key",
    "glance",
    "glance_history",
    "glanced",
    "glanced_history",
    "history",
    "lock",
    "makings",
    "member_key",
    "moved",
    "post",
    "replay",
    "spendable",
    "tell",
    "touched",
    "verify",
    "waits_for_event",
]
