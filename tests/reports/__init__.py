"""Reports: totals, files, pages."""
