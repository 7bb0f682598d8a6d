"""One small file of routes per subject."""
