"""Keras 3's own words, of any release, in those of today's."""
