"""What a run measured: ``metrics.jsonl`` row by row, its copy for TensorBoard, and
``held_out.jsonl`` pair by pair.
"""

from sinq_jax.metrics.items import Exam, ItemLog, Items, read_items
from sinq_jax.metrics.log import MetricsError, Row, deterministic_view, read_metrics
from sinq_jax.metrics.writer import MetricsWriter

__all__ = [
    "Exam",
    "ItemLog",
    "Items",
    "MetricsError",
    "MetricsWriter",
    "Row",
    "deterministic_view",
    "read_items",
    "read_metrics",
]
