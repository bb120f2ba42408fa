"""A small benchmark to try: real photographs, masks drawn by hand, two classical methods."""
