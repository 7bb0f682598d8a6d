"""The HTTP doors: translate and call a flow. No decisions."""
