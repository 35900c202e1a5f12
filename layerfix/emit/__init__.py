"""The user's own layer classes with the fix applied, as source that stands alone."""
