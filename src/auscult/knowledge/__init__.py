"""Data tables with a source column: lexicons, abbreviations, frequencies."""
