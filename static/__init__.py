"""Style, scripts and pages of the window and of the report."""
