"""One file for each revision, in the order of `schema.REVISIONS`."""
