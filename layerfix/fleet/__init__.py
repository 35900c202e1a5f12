"""Many checkpoints: what to look at (files, folders, URLs), who does the work (local processes, Dask), and a journal to resume from."""
