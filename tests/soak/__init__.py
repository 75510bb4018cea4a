"""A long run under fire: heavy traffic, processes killed at random, then every row is compared."""
