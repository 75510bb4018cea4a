"""Calls and texts that happen by themselves: a rhythm, people, and how their calls go."""
