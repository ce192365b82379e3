-- What our road writes for one event, as one durable statement: the commit's row, the member's row, the entry, the event,
-- the claim with its answer, and the outbox. It neither resolves an identity nor locks, reads, decides or answers.
\set member random(0, :members - 1)
\set points random(1, 100)
WITH key AS (
    SELECT (:member % 64)::smallint AS bucket, lpad(to_hex(:member::integer), 32, '0')::uuid AS member_id,
        uuidv7() AS event_key, uuid_send(gen_random_uuid()) AS claim
), posted AS (
    INSERT INTO batch (entries, issued, redeemed, expired, digest)
    VALUES (1, :points, 0, 0, decode(repeat('ef', 32), 'hex')) RETURNING batch_id
), updated AS (
    UPDATE account SET entry_count = entry_count + 1, counters = ARRAY[counters[1] + :points, 0, 0, 0],
        lots = decode(repeat('ba', 144), 'hex'), memory = decode(repeat('dc', 37), 'hex')
    FROM key WHERE account.bucket = key.bucket AND account.member_id = key.member_id RETURNING entry_count
), entered AS (
    INSERT INTO entry (bucket, member_id, event_key, n, batch_id, kind, unit, points, expires_on, version, rule, basis)
    SELECT bucket, member_id, event_key, entry_count, batch_id, 1, 0, :points, 20400, 1, 0, :points * 100
    FROM key, updated, posted
), recorded AS (
    INSERT INTO event (bucket, member_id, event_key, batch_id, type, source, id, body)
    SELECT bucket, member_id, event_key, batch_id, 'order.completed', 'till-17', event_key::text,
        '{"data":{"amount":9802,"currency":"JPY","lines":[{"amount":7801,"quantity":1,"sku":"p7801"},{"amount":2001,"quantity":2,"sku":"p2001"}],"order_id":"live-12345","store":"s17"},"id":"live-12345","source":"till-17","specversion":"1.0","subject":"customer:001234","time":"2026-11-21T03:04:05Z","type":"order.completed"}'
    FROM key, posted
), claimed AS (
    INSERT INTO seen (key, payload_hash, answer)
    SELECT claim, decode(repeat('12', 16), 'hex'), decode(repeat('34', 70), 'hex') FROM key
)
INSERT INTO outbox (topic, payload) SELECT 'ledger.posted', batch_id FROM posted;
