"""Settings: what the brand is called, how it looks, which languages it speaks and what it says in them."""
