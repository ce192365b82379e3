"""What waits for a second person, and files of corrections."""
