"""The page that tells anybody, and search engines, what a brand's program is: made from the version in force."""
