"""Floor 4: models fitted to data: lifetime value, clusters."""
