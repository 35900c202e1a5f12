"""Stored weights against code: which stored layer belongs to which layer of a model, and by what evidence."""
