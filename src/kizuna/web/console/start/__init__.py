"""The first run: from nothing to a published program, and the import of past purchases, then and later."""
