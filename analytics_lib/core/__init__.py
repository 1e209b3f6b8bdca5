"""Floor 1: errors, checks, arithmetic, periods and results. Imports no other room."""
