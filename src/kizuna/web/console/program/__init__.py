"""The program in force: in plain words, by version, and as the document that it is."""
