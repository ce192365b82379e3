-- How a brand looks: its colour as #rrggbb, and its own words by language {"ja": {...}, "en": {...}}.
CREATE TABLE brand_look (
    brand       text PRIMARY KEY REFERENCES brand,
    colour      text CHECK (colour ~ '^#[0-9a-f]{6}$'),
    words       jsonb NOT NULL DEFAULT '{}',
    logo_hash   text,
    changed_at  timestamptz NOT NULL DEFAULT now()
);
-- The pictures of brands, by the hash of their bytes.
CREATE TABLE brand_picture (
    brand       text NOT NULL REFERENCES brand,
    hash        text NOT NULL,
    type        text NOT NULL,
    width       integer,
    height      integer,
    bytes       bytea NOT NULL,
    PRIMARY KEY (brand, hash)
);
