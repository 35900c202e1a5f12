"""What an older Keras lacks, composed in today's Keras of layers that it has: for predictions, to float rounding."""
