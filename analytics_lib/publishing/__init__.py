"""Floor 6: the data platform. Requests, decisions, and packages made of sealed releases only."""
