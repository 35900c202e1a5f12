"""A copy of the source with what the plan names added, and nothing else touched."""
