"""Jitted generation: prefill once per prompt, decode a group of samples from it."""
