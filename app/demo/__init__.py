"""Studies that nobody ever had, for trying things out: made at random, yet plausible, and the same for the same seed."""
