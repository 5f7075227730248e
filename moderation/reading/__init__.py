"""How a text is read for matching: characters made plain, views of a text, and what ordinary words stand in it."""
