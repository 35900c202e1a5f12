"""Today's Keras said in the words of an older one."""
