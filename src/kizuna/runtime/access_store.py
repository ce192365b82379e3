"""All SQL of who may come in; each statement named, with its purpose."""

INSERT_KEY = "INSERT INTO api_key (key_hash, key_id, brand, name, scopes) VALUES ($1, $2, $3, $4, $5)"
"""A new key, its secret as a hash."""

SELECT_GRANT = "SELECT brand, key_id, scopes FROM api_key WHERE key_hash = $1 AND revoked_at IS NULL"
"""What a key that is still good allows."""

SELECT_KEYS = (
    "SELECT key_id, name, scopes, created_at, revoked_at FROM api_key WHERE brand = $1 ORDER BY created_at DESC"
)
"""A brand's keys, for its list."""

REVOKE_KEY = "UPDATE api_key SET revoked_at = now() WHERE key_id = $1 AND revoked_at IS NULL RETURNING key_id"
"""End a key once."""

INSERT_USER = "INSERT INTO console_user (brand, email, password_hash, role) VALUES ($1, $2, $3, 'owner')"
"""A brand's owner."""

RENEW_USER = """
WITH changed AS (
    UPDATE console_user SET password_hash = $2, failed_count = 0, locked_until = NULL WHERE email = $1 RETURNING user_id
), ended AS (DELETE FROM console_session WHERE user_id IN (SELECT user_id FROM changed))
SELECT user_id FROM changed
"""
"""Another password; whoever was signed in with the old one is signed out."""

COUNT_ATTEMPT = """
UPDATE console_user u SET
    failed_count = CASE WHEN before.resting THEN u.failed_count WHEN u.failed_count >= $2 - 1 THEN 0 ELSE u.failed_count + 1 END,
    locked_until = CASE WHEN before.resting THEN u.locked_until WHEN u.failed_count >= $2 - 1 THEN $4 END
FROM (SELECT user_id, coalesce(locked_until > $3, false) AS resting FROM console_user WHERE email = $1 FOR UPDATE) AS before
WHERE u.user_id = before.user_id
RETURNING u.user_id, u.password_hash, u.locked_until, NOT before.resting AS admitted
"""
"""Count an attempt to sign in, unless the account rests; the $2-th in a row is let through and locks until $4."""

FORGIVE_USER = "UPDATE console_user SET failed_count = 0, locked_until = NULL WHERE user_id = $1"
"""A sign-in succeeded."""

INSERT_SESSION = "INSERT INTO console_session (session_hash, user_id, csrf_token, expires_at) VALUES ($1, $2, $3, $4)"
"""A new session, its secret as a hash."""

SELECT_SESSION = """
SELECT u.email, u.brand, s.csrf_token, s.expires_at, u.preferences::text AS preferences
FROM console_session s JOIN console_user u USING (user_id)
WHERE s.session_hash = $1 AND s.expires_at > $2
"""
"""A session that has not ended."""

DELETE_SESSION = "DELETE FROM console_session WHERE session_hash = $1"
"""Sign out."""

DELETE_EXPIRED_SESSIONS = "DELETE FROM console_session WHERE expires_at <= $1"
"""Tidy up at each sign-in."""

SELECT_PREFERENCES = "SELECT preferences::text FROM console_user WHERE email = $1"
"""What a person of the console prefers."""

UPDATE_PREFERENCES = (
    "UPDATE console_user SET preferences = jsonb_strip_nulls(preferences || $2::text::jsonb) WHERE email = $1"
)
"""Prefer something else; null forgets a preference."""
