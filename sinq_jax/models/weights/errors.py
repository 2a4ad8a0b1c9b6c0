"""What is wrong with somebody's weights."""


class WeightsError(ValueError):
    """Weights that cannot be read, fitted or written. The message is one line: where, what was
    expected, what was there, what to do.
    """
