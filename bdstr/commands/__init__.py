"""The commands of `bdstr` that work on what is finished: options in, text out."""
