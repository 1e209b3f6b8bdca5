"""Floor 2: the event log and the contracts of every table."""
