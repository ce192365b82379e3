"""Trying a program out: one member does one thing, and the engine says what comes of it and why. Nothing is written."""
