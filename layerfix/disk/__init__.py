"""Files and folders: find, open, hash, publish whole."""
