"""All SQL of files that were sent in: each statement named, with its purpose. It runs in the brand's schema."""

INSERT_UPLOAD = "INSERT INTO upload (name, about, sent_by) VALUES ($1, $2::text::jsonb, $3) RETURNING upload_id"
"""A file that begins to come in."""

INSERT_PIECE = "INSERT INTO upload_piece (upload_id, n, bytes) VALUES ($1, $2, $3)"
"""Its next piece."""

FINISH_UPLOAD = "UPDATE upload SET size = $2, is_whole = true WHERE upload_id = $1"
"""All of it is here."""

SELECT_UPLOAD = """
SELECT upload_id, name, size, about::text AS about, sent_by, sent_at FROM upload WHERE upload_id = $1 AND is_whole
"""
"""A file that is here as a whole."""

SELECT_NEWEST = """
SELECT upload_id, name, size, about::text AS about, sent_by, sent_at FROM upload
WHERE is_whole AND about ->> 'for' = $1 ORDER BY upload_id DESC LIMIT 1
"""
"""The newest file that was sent for a purpose."""

UPDATE_ABOUT = "UPDATE upload SET about = about || $2::text::jsonb WHERE upload_id = $1"
"""Remember more about a file."""

SELECT_PIECE = "SELECT bytes FROM upload_piece WHERE upload_id = $1 AND n = $2"
"""One piece; a file is never held in memory whole."""

DELETE_UPLOAD = "DELETE FROM upload WHERE upload_id = $1 AND NOT is_kept"
"""Forget a file with its pieces, unless it is kept."""

PUT_KEPT = "UPDATE upload SET is_kept = $2 WHERE upload_id = $1 AND is_whole"
"""Keep a file whatever its age, or no longer."""

SWEEP = """
DELETE FROM upload WHERE NOT is_kept
    AND ((NOT is_whole AND sent_at < now() - interval '1 day') OR sent_at < now() - make_interval(days => $1))
"""
"""Forget what broke off, and what nobody came back to."""
