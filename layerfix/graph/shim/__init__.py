"""Legacy Keras for user source: stand-ins for the modules and classes of Keras 1.2-2.3 and tf.keras 1.x, on today's Keras.

Nothing here touches `sys.modules`: user source runs with an `__import__` of its own (`loader`), which also serves imports in functions.
"""
