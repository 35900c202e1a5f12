"""Functions in marshalled bytecode, read as data and never run."""
