"""The report of a repair, a renderer for each format."""
