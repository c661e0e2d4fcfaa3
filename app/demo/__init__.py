"""Studies that nobody ever had, to try things out with: made at random, yet plausible."""
