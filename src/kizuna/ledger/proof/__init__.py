"""The proof that the ledger is true: in parts, over columns, by several processes; and what each part found."""
