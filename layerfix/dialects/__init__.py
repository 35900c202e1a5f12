"""How one generation of Keras says a model, and the rules that turn it into today's words. No TensorFlow here."""
