-- The least a points ledger can do: one durable statement that updates a member's counters and inserts an entry.
\set member random(0, :members - 1)
\set points random(1, 100)
WITH moved AS (
    UPDATE lean_account SET balance = balance + :points, entries = entries + 1 WHERE id = :member RETURNING id, entries
)
INSERT INTO lean_entry (id, n, points) SELECT id, entries, :points FROM moved;
