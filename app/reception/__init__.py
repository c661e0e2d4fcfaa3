"""How the site receives objects: what its database says of that, and what listeners and workers hear of it."""
