"""One member, whole."""
