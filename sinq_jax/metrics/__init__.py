"""What a run measured, row by row: ``metrics.jsonl`` and its copy for TensorBoard."""

from sinq_jax.metrics.log import MetricsError, Row, deterministic_view, read_metrics
from sinq_jax.metrics.writer import MetricsWriter

__all__ = ["MetricsError", "MetricsWriter", "Row", "deterministic_view", "read_metrics"]
