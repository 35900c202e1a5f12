"""How a repaired file holds the weights of a custom layer: as one list."""


# ---- emitted from here on ----
class _OneList:
    """The file holds a layer's own weights, then those of the layers inside, as one list."""

    def build(self, input_shape=None):
        self.built = True  # the layers inside are built by the first call

    def __dir__(self):
        """Keras saves what it finds here; the list has the layers inside already."""
        return [name for name in super().__dir__() if name not in vars(self)]

    def save_own_variables(self, store):
        for index, variable in enumerate(self.weights):
            store[str(index)] = variable

    def load_own_variables(self, store):
        if len(store.keys()) != len(self.weights):
            raise ValueError("%s has %d weights, the file holds %d of it" % (self.name, len(self.weights), len(store.keys())))
        for index, variable in enumerate(self.weights):
            variable.assign(store[str(index)])
