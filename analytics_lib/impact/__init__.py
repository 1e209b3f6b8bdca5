"""Floor 4: what sharing food does for the world, with sources, ranges and net effect."""
