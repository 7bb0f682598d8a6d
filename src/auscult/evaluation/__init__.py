"""How well engines do, measured by commands that anyone can run."""
