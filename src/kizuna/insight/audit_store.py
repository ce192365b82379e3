"""All SQL of the audit: whole tables, bucket by bucket. Each statement named, with its purpose."""

SELECT_EVENTS = """
SELECT uuid_send(member_id) AS member, uuid_send(event_key) AS key, (body #>> '{data,amount}')::bigint AS amount
FROM event WHERE bucket = $1 AND type = 'order.completed'
"""
"""A bucket's orders."""

SELECT_ENTRIES = """
SELECT uuid_send(member_id) AS member, uuid_send(event_key) AS key, kind, version, rule, points, expires_on
FROM entry WHERE bucket = $1
"""
"""A bucket's entries."""

SELECT_MEMBERS = """
SELECT uuid_send(m.member_id) AS member, m.joined_on, a.lots, a.memory, a.counters
FROM member m JOIN account a USING (bucket, member_id) WHERE bucket = $1
"""
"""A bucket's members with their ledger rows."""

SELECT_ROWS = """
SELECT uuid_send(member_id) AS member, joined_on, tier, tier_through, balance, expires_on, orders, spend, last_order_on,
    last_redemption_on FROM insight_member WHERE bucket = $1
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

SELECT_MOVES = "SELECT day, from_tier, to_tier, members FROM insight_tier_move WHERE members <> 0"
"""Moves as kept."""
