"""The model that tells which sentences of a consultation belong into its note (`relevance.npz`, see `README.md`)."""
