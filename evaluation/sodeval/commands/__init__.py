"""What each command of ``sodeval`` does: options in, files and text out."""
