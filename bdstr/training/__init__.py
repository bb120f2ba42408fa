"""Training a network on a dataset, and what is made with a trained one: saliency maps and cut-outs."""
