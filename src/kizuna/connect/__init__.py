"""The outside world, one file per vendor. Imported only by web, app and cli; no room below knows a vendor."""
