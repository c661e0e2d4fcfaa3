"""Whole numbers as addresses and forms bring them."""

LARGEST_ID = 2**31 - 1  # that a table has; PostgreSQL takes no larger number for one
MOST_DIGITS = 19  # Python refuses to read very many


def whole(text: str, most: int = LARGEST_ID, least: int = 1) -> int | None:
    """The number, where the text is nothing but the usual digits and the number is within the limits; else None."""
    plain = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if plain and least <= int(text) <= most else None
