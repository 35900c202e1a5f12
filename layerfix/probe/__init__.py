"""Instruments on a live model that evidence needs: activations, statistics, gradients, losses."""
