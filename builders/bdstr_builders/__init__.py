"""The pipeline that makes BDS-TR: recipes, stages, and what runs them."""
