"""One file a format: what a file holds, read with guards."""
