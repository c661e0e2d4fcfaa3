"""What somebody may send who means harm, to everything that takes something, and what must not come of it."""
