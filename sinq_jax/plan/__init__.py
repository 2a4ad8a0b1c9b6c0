"""Planning: what a config costs on devices that need not be there."""
