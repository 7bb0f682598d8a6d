"""Our values in other people's formats."""
