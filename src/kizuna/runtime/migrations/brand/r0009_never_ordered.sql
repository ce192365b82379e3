-- The driver reads '-infinity' as the first day of the year 1, and sends that day as '-infinity': a cursor among those who never
-- ordered comes back as it went out.
DROP INDEX insight_member_active;
CREATE INDEX insight_member_active ON insight_member (tier, (coalesce(last_order_on, DATE '-infinity')), member_id)
    INCLUDE (joined_on, last_order_on, expires_on);
