"""What is wrong with somebody's weights."""

from sinq_jax.errors import SinqError


class WeightsError(SinqError, ValueError):
    """Weights that cannot be read, fitted or written. The message is one line: where, what was
    expected, what was there, what to do; also where a tensor's name has line breaks in it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))
