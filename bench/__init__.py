"""Performance figures as ratios, each beside its floor."""
