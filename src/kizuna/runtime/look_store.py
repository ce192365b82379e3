"""All SQL of how brands look: each statement named, with its purpose. It runs in the platform's schema."""

UPDATE_BRAND = "UPDATE brand SET name = $2, languages = $3 WHERE slug = $1"
"""What a brand is called, and which languages it speaks."""

UPSERT_LOOK = """
INSERT INTO brand_look (brand, colour, words, logo_hash) VALUES ($1, $2, $3::text::jsonb, $4)
ON CONFLICT (brand) DO UPDATE
SET colour = excluded.colour, words = excluded.words, logo_hash = excluded.logo_hash, changed_at = now()
"""
"""How a brand looks from now on."""

INSERT_PICTURE = """
INSERT INTO brand_picture (brand, hash, type, width, height, bytes) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (brand, hash) DO NOTHING
"""
"""A picture, known by its bytes: the same one again changes nothing."""

SELECT_PICTURE = "SELECT type, bytes FROM brand_picture WHERE brand = $1 AND hash = $2"
"""A picture as it is served. One that is no longer used stays, because pages that name it may be open."""

SELECT_SIZE = "SELECT width, height FROM brand_picture WHERE brand = $1 AND hash = $2"
"""How large a picture is."""

PRUNE_PICTURES = """
DELETE FROM brand_picture WHERE brand = $1 AND hash NOT IN (
    SELECT logo_hash FROM brand_look WHERE brand = $1 AND logo_hash IS NOT NULL
) AND hash <> $2
"""
"""Forget pictures that neither the brand nor the form at hand uses."""
