"""What is measured, and how: each module prints its figures beside a baseline of the same run."""
