"""What commands return, as plain frozen records, and their exit codes."""
