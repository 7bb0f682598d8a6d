"""Who may, what is sealed, what is grounded."""
