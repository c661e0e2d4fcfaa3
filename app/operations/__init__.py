"""How the site runs: whether it is ready, what it counts, what it raises the alarm about."""
