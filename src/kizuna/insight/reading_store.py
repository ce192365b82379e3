"""All SQL that reads the figures: sums of small tables, never a walk through members. Each statement named, with its purpose."""

SELECT_POINTS = """
SELECT greatest(day, $1::date - 1) AS on_day, kind, sum(points)::bigint AS points
FROM insight_points WHERE day <= $2 GROUP BY 1, 2
"""
"""Points by day and kind; everything before the first day together, on the day before it."""

SELECT_RULES = """
SELECT version, rule, sum(entries)::bigint AS entries, sum(points)::bigint AS points FROM insight_points
WHERE day BETWEEN $1 AND $2 AND rule >= 0 GROUP BY 1, 2
"""
"""What each rule of each version gave within some days, with what still waits and without what changes took back."""

SELECT_DAYS = """
SELECT greatest(day, $1::date - 1) AS on_day, sum(joined)::bigint AS joined, sum(orders)::bigint AS orders,
    sum(sales)::bigint AS sales, min(day) AS first
FROM insight_day WHERE day <= $2 GROUP BY 1
"""
"""Newcomers, orders and sales by day; everything before the first day together, on the day before it."""

SELECT_ACTIVE = """
SELECT what, greatest(day, $1::date - 1) AS on_day, sum(delta)::bigint AS delta
FROM insight_active WHERE days = $3 AND day <= $2 GROUP BY 1, 2
"""
"""Steps of the numbers of active members by day; everything before the first day together, on the day before it."""

SELECT_TIERS = "SELECT tier, members FROM insight_tier WHERE members <> 0"
"""How many members stand on each tier."""

SELECT_STAGES = "SELECT stage, members FROM insight_stage WHERE members <> 0"
"""How many members stand on each stage of the journey."""

SELECT_MOVES = """
SELECT from_tier, to_tier, sum(members)::bigint AS members FROM insight_tier_move
WHERE day BETWEEN $1 AND $2 GROUP BY 1, 2 HAVING sum(members) <> 0 ORDER BY 3 DESC, 1, 2
"""
"""How many members moved between tiers within some days."""

SELECT_HEADLINE = """
SELECT (SELECT coalesce(sum(joined), 0) FROM insight_day)::bigint AS members,
    coalesce(sum(points) FILTER (WHERE day = $1 AND kind = 1), 0)::bigint AS issued,
    coalesce(-sum(points) FILTER (WHERE day = $1 AND kind = 2), 0)::bigint AS redeemed,
    coalesce(sum(points) FILTER (WHERE kind IN (1, 2, 3, 16)), 0)::bigint AS outstanding
FROM insight_points
"""
"""The figures that change while one looks."""
