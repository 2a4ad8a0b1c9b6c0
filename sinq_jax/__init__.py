"""sinq_jax: the Semantic Inequivalence Game and a JAX self-play trainer (arXiv 2505.03818)."""
