"""The ledger statement: the program accounts of a period, on screen and as files."""
