"""The models that tell which sentences belong into a note and under which header (`*.npz`, see `README.md`)."""
