"""How well notes are written: a writer runs over consultations with reference notes, and figures come out.

`evaluate.evaluate_notes` is the entry. A metric is one file in `metrics/` and one line in `metrics/__init__.py`; a
format of data is one file in `formats/` and one line in `formats/__init__.py`.
"""
