-- members: finding. folded() is a name as it is compared: compatibility forms made one, small letters, katakana as hiragana,
-- without spaces, hyphens and middle dots, at most 64 characters (a B-tree's key is short). members/finding.py does the same to
-- what is typed. No locale takes part, so the indexes are the same on every server. Most names have nothing to translate.
CREATE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(CASE WHEN normalize(words, NFKC) COLLATE "C" ~ '[ァ-ヾÀ-Þ·‐-―−-]' THEN
    translate(lower(normalize(words, NFKC) COLLATE "C"),
    'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶヽヾÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ -·‐‑‒–—―−・',
    'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖゝゞàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþ')
    ELSE replace(lower(normalize(words, NFKC) COLLATE "C"), ' ', '') END, 64);

-- The same of what follows the first space: a given name.
CREATE FUNCTION folded_given(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN strpos(btrim(normalize(words, NFKC)), ' ') > 0 THEN
    nullif(folded(substr(btrim(normalize(words, NFKC)), strpos(btrim(normalize(words, NFKC)), ' ') + 1)), '') END;

-- Where a member stands in a list: by kana, else by name, else at the end.
CREATE FUNCTION list_key(name text, name_kana text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(nullif(folded(name_kana), ''), nullif(folded(name), ''), U&'\FFFF');

-- What a search reads: beginnings of names and kana, and of their second parts; beginnings of identities; ends of numbers.
CREATE INDEX member_list ON member (list_key(name, name_kana) COLLATE "C", member_id);
CREATE INDEX member_name ON member (folded(name) COLLATE "C", member_id);
CREATE INDEX member_given ON member (folded_given(name) COLLATE "C", member_id);
CREATE INDEX member_given_kana ON member (folded_given(name_kana) COLLATE "C", member_id);
CREATE INDEX identity_value ON identity (lower(value COLLATE "C") COLLATE "C", member_id);
CREATE INDEX identity_tail ON identity (kind, reverse(value) COLLATE "C", member_id) WHERE kind IN ('phone', 'card');

-- What the list reads: each order within each tier, with what its filters ask for beside it, so that a walk along the order
-- need not visit the rows that it passes over. Who never ordered stands before everybody who did.
CREATE INDEX insight_member_balance ON insight_member (tier, balance, member_id)
    INCLUDE (joined_on, last_order_on, expires_on);
CREATE INDEX insight_member_spend ON insight_member (tier, spend, member_id)
    INCLUDE (joined_on, last_order_on, expires_on);
CREATE INDEX insight_member_active ON insight_member (tier, (coalesce(last_order_on, DATE '0001-01-01')), member_id)
    INCLUDE (joined_on, last_order_on, expires_on);
CREATE INDEX insight_member_joined ON insight_member (tier, joined_on, member_id)
    INCLUDE (last_order_on, expires_on);
CREATE INDEX insight_member_asked ON insight_member (bucket, member_id)
    INCLUDE (tier, joined_on, last_order_on, expires_on);
