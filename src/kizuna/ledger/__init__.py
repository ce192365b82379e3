"""The only writer of points: entries, accounts, the proof that one follows from the other."""

from kizuna.ledger.jobs import SEALER
from kizuna.ledger.model import NO_RULE, Account, Entry, Sums
from kizuna.ledger.posting import Cause, Ledgers, due, lock, post
from kizuna.ledger.replay import Replay, replay, spendable
from kizuna.ledger.service import NEWEST, account, accounts, all_accounts, history
from kizuna.ledger.verify import POSTED, Proof, verify

__all__ = [
    "NEWEST",
    "NO_RULE",
    "POSTED",
    "SEALER",
    "Account",
    "Cause",
    "Entry",
    "Ledgers",
    "Proof",
    "Replay",
    "Sums",
    "account",
    "accounts",
    "all_accounts",
    "due",
    "history",
    "lock",
    "post",
    "replay",
    "spendable",
    "verify",
]
