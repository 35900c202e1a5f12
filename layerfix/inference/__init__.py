"""What evidence reveals: constants, seeds, samples, arguments."""
