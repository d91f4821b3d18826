"""The tasks: each ties a dataset, preprocessing, an architecture, a metric and a reference."""
