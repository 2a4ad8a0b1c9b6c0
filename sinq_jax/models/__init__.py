"""The policy network: a decoder-only transformer, its shape, and how its parameters are placed."""
