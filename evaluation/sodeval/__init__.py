"""Exact, fast evaluation of saved saliency maps."""
