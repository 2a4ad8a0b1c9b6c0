"""The mistake that an export can meet."""


class ExportError(ValueError):
    """Nothing can be exported; one line that says where, what was expected, and what to do."""
