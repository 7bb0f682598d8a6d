"""Words: what a patient, a recording, a turn, a statement and a note are.

No input, no output, and nothing of ours imported.
"""
