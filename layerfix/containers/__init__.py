"""One file a format: what a file holds, read with guards. h5py loads on first use only."""

import os

os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")  # HDF5 reads it once, when h5py loads: a file must not make it load filter plugins
