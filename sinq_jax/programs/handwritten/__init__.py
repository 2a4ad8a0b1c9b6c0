"""Functions of the kind a programmer writes, one file per theme; read as text, never imported."""
