"""The file as a witness: stored statistics behind a lost layer tell its kernel, without any seed and without any sample."""
