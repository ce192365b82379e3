"""What the program does, in figures that follow the ledger by the outbox."""
