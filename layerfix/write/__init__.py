"""Writing a repaired file: a copy of the source with what the plan names added, and nothing else touched."""

from layerfix.write.h5 import write_h5
from layerfix.write.optimizer import OptimizerOutcome
from layerfix.write.order import storage_order

__all__ = ["OptimizerOutcome", "storage_order", "write_h5"]
