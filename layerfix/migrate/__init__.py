"""Legacy checkpoints to today's Keras: the config by small named rules, the weights by layout, every difference handled or refused by name."""
