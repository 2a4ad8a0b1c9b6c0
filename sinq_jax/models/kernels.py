"""The matrices of a layer, by name: which axes go in and which come out."""

from typing import NamedTuple

_LETTERS = {"embed": "e", "heads": "h", "kv_heads": "k", "head_dim": "d", "mlp": "m"}


class Kernel(NamedTuple):
    """Logical axes that a matrix contracts, and those of its result."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def axes(self) -> tuple[str, ...]:
        return self.inputs + self.outputs

    @property
    def equation(self) -> str:
        """How it is applied to ``[..., inputs...]``, for ``jnp.einsum``."""
        taken, made = ("".join(_LETTERS[axis] for axis in axes) for axes in self)
        return f"...{taken},{taken}{made}->...{made}"


# The order is that in which fresh parameters are drawn.
KERNELS = {
    "query": Kernel(("embed",), ("heads", "head_dim")),
    "key": Kernel(("embed",), ("kv_heads", "head_dim")),
    "value": Kernel(("embed",), ("kv_heads", "head_dim")),
    "output": Kernel(("heads", "head_dim"), ("embed",)),
    "gate": Kernel(("embed",), ("mlp",)),
    "up": Kernel(("embed",), ("mlp",)),
    "down": Kernel(("mlp",), ("embed",)),
}

WRITES_TO_STREAM = ("output", "down")
"""The kernels whose results are added to the residual stream."""
