"""All SQL of published versions and of the draft; each statement named, with its purpose."""

SELECT_VERSIONS = """
SELECT version, document::text AS document, effective_at, published_at, published_by, note
FROM program_version WHERE version > $1 ORDER BY version
"""
"""Every version after one that is known."""

INSERT_VERSION = """
INSERT INTO program_version (version, document, effective_at, note, published_by)
VALUES ($1, $2::text::json, $3, $4, $5)
"""
"""A new version. Its number is the primary key, so that of two that publish at once one fails."""

SELECT_DRAFT = "SELECT document::text AS document, about::text AS about, changed_by, changed_at FROM program_draft"
"""The program that is being designed; a brand has one or none."""

LOCK_DRAFT = f"{SELECT_DRAFT} FOR UPDATE"
"""The same, kept from everybody else until this transaction ends."""

INSERT_DRAFT = """
INSERT INTO program_draft (document, about, changed_by, changed_at) VALUES ($1::text::jsonb, $2::text::jsonb, $3, clock_timestamp())
ON CONFLICT (one) DO NOTHING RETURNING changed_at
"""
"""Begin a draft, unless somebody has begun one."""

UPDATE_DRAFT = """
UPDATE program_draft SET document = $1::text::jsonb, about = $2::text::jsonb, changed_by = $3, changed_at = clock_timestamp()
WHERE changed_at = $4 RETURNING changed_at
"""
"""Change the draft that was seen; one that was changed since is left alone."""

DELETE_DRAFT = "DELETE FROM program_draft"
"""Leave off designing."""

DELETE_DRAFT_SEEN = "DELETE FROM program_draft WHERE changed_at = $1 RETURNING true"
"""Leave off designing, unless the draft was changed since it was seen."""
