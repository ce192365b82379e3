"""Words that every room shares: ids, days, lots, errors. Imports nothing of ours."""
