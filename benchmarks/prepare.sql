-- What lean.sql and same_rows.sql write to: as many members as the road's benchmark has, with as many lots.
CREATE TABLE lean_account (
    id integer PRIMARY KEY, balance bigint NOT NULL, entries bigint NOT NULL
) WITH (fillfactor = 75);
CREATE TABLE lean_entry (
    id integer NOT NULL, n bigint NOT NULL, points bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (id, n)
);
INSERT INTO lean_account SELECT id, 0, 0 FROM generate_series(0, :members - 1) AS id;
INSERT INTO account (bucket, member_id, entry_count, counters, lots, memory)
SELECT id % 64, lpad(to_hex(id), 32, '0')::uuid, 8, ARRAY[1000, 0, 0, 0], decode(repeat('ba', 128), 'hex'),
    decode(repeat('dc', 37), 'hex')
FROM generate_series(0, :members - 1) AS id;
VACUUM ANALYZE account, lean_account;
