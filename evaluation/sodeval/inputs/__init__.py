"""From folders to pixels: which map belongs to which mask, and what each file holds."""
