"""Starts every part of an installation as a process, watches them, and ends them together."""
