"""Photographs and masks as columns of Parquet files."""
