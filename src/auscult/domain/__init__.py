"""Words: what a patient, a recording, a turn, a statement and a note are. No input, no output, nothing of ours imported."""
