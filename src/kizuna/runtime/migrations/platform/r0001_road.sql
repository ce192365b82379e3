-- One row per brand; its data lives in the schema brand_<slug>.
CREATE TABLE brand (
    slug        text PRIMARY KEY CHECK (slug ~ '^[a-z][a-z0-9_]{0,39}$'),
    name        text NOT NULL,
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    timezone    text NOT NULL,
    country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    languages   text[] NOT NULL CHECK (cardinality(languages) > 0),
    is_demo     boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- A key is a 256-bit random secret, so a plain hash of it is enough to keep.
CREATE TABLE api_key (
    key_hash    bytea PRIMARY KEY,
    key_id      text NOT NULL UNIQUE,
    brand       text NOT NULL REFERENCES brand,
    name        text NOT NULL,
    scopes      text[] NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz
);

CREATE TABLE console_user (
    user_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand           text NOT NULL REFERENCES brand,
    email           text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash   text NOT NULL,
    role            text NOT NULL CHECK (role IN ('owner')),
    failed_count    integer NOT NULL DEFAULT 0,
    locked_until    timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE console_session (
    session_hash    bytea PRIMARY KEY,
    user_id         bigint NOT NULL REFERENCES console_user ON DELETE CASCADE,
    csrf_token      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
CREATE INDEX console_session_expiry ON console_session (expires_at);
