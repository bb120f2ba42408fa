"""The commands of `bdstr` that make datasets: options in, files and text out."""
