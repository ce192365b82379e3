"""All SQL of what happens right now. Each statement named, with its purpose."""

SELECT_NEWEST = """
SELECT xid::text AS xid, id FROM outbox WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY outbox.xid DESC, outbox.id DESC LIMIT 1
"""
"""Where the news ends now: what was written by transactions older than every one still running."""

SELECT_COMMITS = """
SELECT xid::text AS xid, id, payload FROM outbox
WHERE topic = $4 AND (xid, id) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY outbox.xid DESC, outbox.id DESC LIMIT $3
"""
"""The newest commits after a position."""

SELECT_RECENT = """
SELECT payload FROM outbox WHERE topic = $1 AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY outbox.xid DESC, outbox.id DESC LIMIT $2
"""
"""The newest commits of all."""

SELECT_HAPPENED = """
WITH told AS (
    SELECT asked.place, e.bucket, e.member_id, e.event_key, e.type, e.body, e.amount, e.batch_id
    FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (batch_id, place)
    JOIN event e ON e.batch_id = asked.batch_id
    ORDER BY asked.place, e.event_key DESC LIMIT $2
)
SELECT uuid_send(t.event_key) AS key, uuid_send(t.member_id) AS member, t.type,
    coalesce(t.amount, CASE t.type WHEN 'order.completed' THEN (t.body #>> '{data,amount}')::bigint
        WHEN 'redemption.requested' THEN (t.body #>> '{data,points}')::bigint END) AS amount,
    coalesce(t.body #>> '{data,order_id}', t.body #>> '{data,reference}') AS reference,
    m.name, card.value AS card, moved.points, moved.version, moved.rule
FROM told t JOIN member m ON m.bucket = t.bucket AND m.member_id = t.member_id
LEFT JOIN LATERAL (
    SELECT value FROM identity i WHERE i.bucket = t.bucket AND i.member_id = t.member_id AND i.kind = 'card' LIMIT 1
) card ON true
LEFT JOIN unnest($3::text[], $4::smallint[]) AS own (type, kind) ON own.type = t.type
LEFT JOIN LATERAL (
    SELECT sum(n.points)::bigint AS points, (array_agg(n.version ORDER BY n.points DESC))[1] AS version,
        (array_agg(n.rule ORDER BY n.points DESC))[1] AS rule
    FROM entry n WHERE n.bucket = t.bucket AND n.member_id = t.member_id AND n.batch_id = t.batch_id AND n.unit = 0
        AND n.kind NOT IN (3, 5) AND (own.kind IS NULL OR n.kind = own.kind)
        AND n.event_key > t.event_key AND n.event_key < (left(t.event_key::text, 34) || 'ff')::uuid
) moved ON true
ORDER BY t.place, t.event_key DESC
"""
"""The newest events of some commits, newest first: whose they are, and what each of them moved by which rule.

Of an operation counts what is its own kind: what else it moves only makes room for that.
"""

SELECT_LAPSED = """
SELECT uuid_send(n.event_key) AS key, uuid_send(n.member_id) AS member, n.points, m.name, card.value AS card
FROM entry n JOIN member m ON m.bucket = n.bucket AND m.member_id = n.member_id
LEFT JOIN LATERAL (
    SELECT value FROM identity i WHERE i.bucket = n.bucket AND i.member_id = n.member_id AND i.kind = 'card' LIMIT 1
) card ON true
WHERE n.batch_id = ANY($1::bigint[]) AND n.kind = 3 AND n.unit = 0 LIMIT $2
"""
"""Some of the expiries that some commits wrote down."""
