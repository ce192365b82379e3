"""The console: one file a screen group, templates beside it."""
