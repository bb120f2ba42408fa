"""What recipes are made of: each stage is parameters that are data, and what they build."""
