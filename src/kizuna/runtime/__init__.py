"""What every room stands on: settings, the database, brands, access, the outbox and the worker."""
