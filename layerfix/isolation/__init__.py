"""Work on files of unknown origin in child processes with limits: what happens to a child is an outcome, never a crash of the parent."""
