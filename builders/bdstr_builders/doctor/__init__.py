"""What is on this machine of what bdstr needs or could use: looked at without loading it."""
