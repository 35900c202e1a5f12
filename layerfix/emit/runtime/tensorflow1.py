"""TensorFlow by its older names."""


# ---- emitted from here on ----
class _TensorFlow1:
    """TensorFlow by the names of TensorFlow 1, as the source below uses it."""

    def __getattr__(self, name):
        import tensorflow

        older = None if name == "keras" else getattr(tensorflow.compat.v1, name, None)
        return getattr(tensorflow, name) if older is None else older
