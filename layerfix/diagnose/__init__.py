"""What a checkpoint holds against what its graph needs, by rules, without TensorFlow."""
