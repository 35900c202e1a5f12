"""What an emitted file brings along, as real files: below its mark each is copied as it stands into what users get.

It runs where layerfix is not installed, as old as Python 3.5 with Keras 2.0, so it knows neither annotations nor f-strings.
"""
