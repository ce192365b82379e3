"""All SQL of the audit: whole tables, bucket by bucket. Each statement named, with its purpose."""

SELECT_EVENTS = """
SELECT uuid_send(member_id) AS member, uuid_send(event_key) AS key, type, orders, amount,
    CASE type WHEN 'order.completed' THEN (body #>> '{data,amount}')::bigint END AS told,
    coalesce(level_before, level) AS level_before, level, fell_on, undone IS NOT NULL AS is_undone
FROM event WHERE bucket = $1 ORDER BY batch_id, place
"""
"""A bucket's events in the order of arrival: orders and their changes, and the tiers around each."""

SELECT_BROUGHT = """
SELECT uuid_send(m.gone) AS gone, uuid_send(m.kept) AS kept, coalesce(sum(coalesce(e.orders, 1)), 0)::bigint AS orders,
    coalesce(sum(coalesce(e.amount, (e.body #>> '{data,amount}')::bigint)), 0)::bigint AS spend
FROM merge m LEFT JOIN event e ON e.member_id = m.gone AND (e.amount IS NOT NULL OR e.type = 'order.completed')
WHERE m.undone_at IS NULL GROUP BY m.gone, m.kept
"""
"""Who is somebody else now, with the orders and the spend that are kept of their own."""

SELECT_ENTRIES = """
SELECT uuid_send(member_id) AS member, uuid_send(event_key) AS key, kind, version, rule, points, expires_on
FROM entry WHERE bucket = $1 AND unit = 0
"""
"""A bucket's entries of the first unit."""

SELECT_MEMBERS = """
SELECT uuid_send(m.member_id) AS member, m.joined_on, a.entry_count, a.counters, a.lots, a.memory, a.waiting
FROM member m JOIN account a USING (bucket, member_id) WHERE bucket = $1
"""
"""A bucket's members with their ledger rows."""

SELECT_ROWS = """
SELECT uuid_send(member_id) AS member, joined_on, tier, tier_through, balance, expires_on, orders, spend, last_order_on,
    last_redemption_on, waiting FROM insight_member WHERE bucket = $1
"""
"""A bucket's rows as kept."""

SELECT_POINTS = "SELECT day, kind, version, rule, entries, points FROM insight_points WHERE entries <> 0 OR points <> 0"
"""Points as kept."""

SELECT_DAYS = "SELECT day, joined, orders, sales FROM insight_day WHERE joined <> 0 OR orders <> 0 OR sales <> 0"
"""Days as kept."""

SELECT_ACTIVE = "SELECT what, days, day, delta FROM insight_active WHERE delta <> 0"
"""Steps of active members as kept."""

SELECT_TIERS = "SELECT tier, members FROM insight_tier WHERE members <> 0"
"""Tiers as kept."""

SELECT_STAGES = "SELECT stage, members FROM insight_stage WHERE members <> 0"
"""Stages as kept."""

SELECT_MOVES = "SELECT day, from_tier, to_tier, members FROM insight_tier_move WHERE members <> 0"
"""Moves as kept."""
