"""Functions of legacy Keras, TensorFlow, numpy and Python that Lambda layers call, as operations of today's Keras.

Each has the name, the arguments and the defaults of the function that it stands for (`K_mean` for
`keras.backend.mean`, `tf_reduce_mean` for `tf.reduce_mean`), and its exact semantics; sources are keras 2.2.4
(tensorflow_backend.py), tf.keras 2.15 (backend.py) and TensorFlow 1.15 and 2.15. A name that ends in `__tf1` or
`__tf2` is for that generation of TensorFlow alone. What is not here is refused.

A migration calls them on symbolic tensors; `layerfix lambdas` prints them from this source.
"""
