"""What several tasks share of the way from raw examples to numbers."""
