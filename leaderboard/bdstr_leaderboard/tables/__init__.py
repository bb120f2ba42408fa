"""Tables of the board: laid out once, printed in several formats."""
