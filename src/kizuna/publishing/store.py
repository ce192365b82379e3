"""All SQL of published versions; each statement named, with its purpose."""

SELECT_VERSIONS = """
SELECT version, document::text AS document, effective_at, published_at, note
FROM program_version WHERE version > $1 ORDER BY version
"""
"""Every version after one that is known."""

INSERT_VERSION = """
INSERT INTO program_version (version, document, effective_at, note)
VALUES ($1, $2::text::json, $3, $4)
"""
"""A new version. Its number is the primary key, so that of two that publish at once one fails."""
