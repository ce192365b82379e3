"""The list of members: search, filters, columns."""
