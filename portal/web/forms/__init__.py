"""Forms, shared by both portals."""
