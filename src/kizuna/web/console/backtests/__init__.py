"""The back-test studio: histories, candidates side by side, what they come to, and the way of one of them into the draft."""
