"""What a run shows at its end: the closing table and ``report.html``, made from its files."""

from sinq_jax.report.closing import as_text, closing_table
from sinq_jax.report.page import write_report
from sinq_jax.report.run_files import ReportError, RunFiles, load_run

__all__ = ["ReportError", "RunFiles", "as_text", "closing_table", "load_run", "write_report"]
