"""Kizuna: an event comes in; the program decides; the ledger remembers; the member hears."""
