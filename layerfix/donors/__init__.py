"""Donors: any file that may hold the lost weights, read into one face."""

from layerfix.donors.reader import read_donor
from layerfix.donors.records import Donor, DonorEntry, name_parts

__all__ = ["Donor", "DonorEntry", "name_parts", "read_donor"]
