"""Originals as TFDS datasets: prepared once from a download or a path, read without tensorflow."""
