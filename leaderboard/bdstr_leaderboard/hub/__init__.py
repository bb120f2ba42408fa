"""The board on the Hugging Face Hub: what goes there, and what is read back."""
