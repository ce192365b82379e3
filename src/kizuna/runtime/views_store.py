"""All SQL of saved views; each statement named, with its purpose. A view belongs to one person: others' are not seen."""

SELECT_VIEWS = """
SELECT v.view_id, v.name, v.query FROM console_view v JOIN console_user u USING (user_id)
WHERE u.email = $1 AND v.screen = $2 ORDER BY v.name COLLATE "C", v.view_id
"""
"""A person's views of a screen, by name."""

PUT_VIEW = """
INSERT INTO console_view (user_id, screen, name, query) SELECT user_id, $2, $3, $4 FROM console_user u WHERE u.email = $1
    AND ((SELECT count(*) FROM console_view v WHERE v.user_id = u.user_id AND v.screen = $2) < $5
        OR EXISTS (SELECT FROM console_view v WHERE v.user_id = u.user_id AND v.screen = $2 AND v.name = $3))
ON CONFLICT (user_id, screen, name) DO UPDATE SET query = excluded.query RETURNING view_id
"""
"""Keep a view; one of the same name gives way. No row comes back when there are too many."""

RENAME_VIEW = """
UPDATE console_view v SET name = $4 FROM console_user u
WHERE u.user_id = v.user_id AND u.email = $1 AND v.screen = $2 AND v.view_id = $3 RETURNING v.view_id
"""
"""Give a view another name; one that is taken is a conflict."""

DELETE_VIEW = """
DELETE FROM console_view v USING console_user u
WHERE u.user_id = v.user_id AND u.email = $1 AND v.screen = $2 AND v.view_id = $3 RETURNING v.name, v.query
"""
"""Take a view away, and return it, so that it can be brought back."""
