"""How fast heights and weights are imported, and how much memory that takes."""
