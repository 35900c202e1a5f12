"""Rules that compare what a checkpoint holds with what its graph needs, without TensorFlow."""

from layerfix.diagnose.diagnosis import diagnose
from layerfix.diagnose.records import Diagnosis, Finding, Severity

__all__ = ["Diagnosis", "Finding", "Severity", "diagnose"]
