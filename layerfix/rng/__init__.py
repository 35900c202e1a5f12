"""Random numbers of legacy Keras: streams, scans over seeds, and bounds on a chance hit. The home of numba; no TensorFlow."""
