"""What builds the site: its pages, the executed notebooks, the pictures, and that it needs no network."""
