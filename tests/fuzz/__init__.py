"""Objects that nobody should send: made from real and made ones by a seed, imported, and looked at afterwards."""
