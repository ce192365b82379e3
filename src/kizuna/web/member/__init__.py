"""My Page: phone first, readable without script."""
