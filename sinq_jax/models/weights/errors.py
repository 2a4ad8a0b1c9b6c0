"""What is wrong with somebody's weights."""


class WeightsError(ValueError):
    """Weights that cannot be read, fitted or written. The message is one line: where, what was
    expected, what was there, what to do; also where a tensor's name has line breaks in it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))
