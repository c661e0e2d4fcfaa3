"""The chain of audit entries: how it grows, how the database guards it, whether it is whole, who else hears of it."""
