"""What runs a recipe over many photographs: shards, and what hands them out."""
