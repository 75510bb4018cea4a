"""The whole thing at once: a running installation, and people in front of a real browser."""
