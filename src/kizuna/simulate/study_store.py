"""All SQL of back-tests that people keep: each statement named, with its purpose."""

INSERT_STUDY = "INSERT INTO backtest (name, about, made_by) VALUES ($1, $2::json, $3) RETURNING backtest_id"
"""Keep a new one."""

SELECT_STUDIES = """
SELECT backtest_id, name, about, NULL::bytea AS result, asked, '{}'::json AS stories, job, made_by, made_at, changed_at, ran_at
FROM backtest ORDER BY changed_at DESC LIMIT $1
"""
"""Those that were changed last, without what they came to."""

SELECT_STUDY = """
SELECT backtest_id, name, about, result, asked, stories, job, made_by, made_at, changed_at, ran_at FROM backtest WHERE backtest_id = $1
"""
"""One, whole."""

CHANGE_STUDY = """
UPDATE backtest SET name = $2, about = $3::json, changed_at = now() WHERE backtest_id = $1 AND changed_at = $4 RETURNING changed_at
"""
"""Ask otherwise, unless somebody else did meanwhile. What it came to stays until it is run again."""

DELETE_STUDY = "DELETE FROM backtest WHERE backtest_id = $1"
"""Keep one no longer."""

SET_JOB = "UPDATE backtest SET job = $2 WHERE backtest_id = $1"
"""Note who is at work."""

SET_RESULT = """
UPDATE backtest SET result = $2, asked = $3, stories = '{}', ran_at = now() WHERE backtest_id = $1
"""
"""Note what it came to, and what was asked then."""

SET_STORY = """
UPDATE backtest SET stories = (stories::jsonb || jsonb_build_object($2::text, $3::jsonb))::json WHERE backtest_id = $1
"""
"""Note one member's story."""
