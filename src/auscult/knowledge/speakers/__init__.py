"""The voice encoder's weights (`encoder.npz`, see `README.md`), and the cues that tell a clinician's talk."""
