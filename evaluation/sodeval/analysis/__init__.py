"""What two reports, or two conventions, or two implementations say of the same maps."""
