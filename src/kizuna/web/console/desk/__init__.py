"""What stands on the desk of whoever works here: search and commands, notices and long work, preferences, help."""
