"""The only writer of points: entries, accounts, the proof that one follows from the other."""

from kizuna.ledger.glance_store import glance, glance_history, glanced, glanced_history
from kizuna.ledger.jobs import SEALER, VERIFIER, LedgerDiffers
from kizuna.ledger.model import NO_RULE, Account, Entry, Sums
from kizuna.ledger.posting import Cause, Ledgers, due, lock, post
from kizuna.ledger.replay import Replay, replay, spendable
from kizuna.ledger.service import NEWEST, account, accounts, all_accounts, history
from kizuna.ledger.story import OLDEST, Making, Told, Wish, entries_of, first_key, makings, tell
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
    "Wish",
    "account",
    "accounts",
    "all_accounts",
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
    "post",
    "replay",
    "spendable",
    "tell",
    "verify",
]
