-- What a person of the console prefers: language, theme, columns of a table, when the notices were last seen.
ALTER TABLE console_user ADD COLUMN preferences jsonb NOT NULL DEFAULT '{}';

-- A list as somebody likes to see it: its address's query under a name.
CREATE TABLE console_view (
    view_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     bigint NOT NULL REFERENCES console_user ON DELETE CASCADE,
    screen      text NOT NULL,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    query       text NOT NULL CHECK (length(query) <= 2000),
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, screen, name)
);
