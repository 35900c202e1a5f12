"""Two checkpoints side by side: configs and numbers."""
