"""Legacy semantics in numpy: small reference implementations of stock layers, independent of Keras 3."""
