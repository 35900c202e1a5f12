"""What legacy Keras' own layers store and draw, known without TensorFlow: data tables and small functions over them."""

from layerfix.stock.catalogue import is_stateless, is_stock
from layerfix.stock.draws import StockDraw, draws
from layerfix.stock.initializers import canonical, draw_kind
from layerfix.stock.names import auto_name
from layerfix.stock.weights import StockWeight, weights

__all__ = ["StockDraw", "StockWeight", "auto_name", "canonical", "draw_kind", "draws", "is_stateless", "is_stock", "weights"]
