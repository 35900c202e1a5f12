"""Legacy semantics in numpy: small reference implementations of stock layers, written from the legacy sources and independent of Keras 3."""
