"""Everything that is made from a report: files, tables, curves and the gallery."""
