"""What the program does: figures, tiers, rules, and what happens now."""
