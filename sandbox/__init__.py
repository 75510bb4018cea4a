"""The practice carrier: a telephone company on one machine, with its own state and its own clockwork."""
