"""How fast exports are written, and how much memory they take."""
