"""Journeys: what happens, top to bottom. One file each."""
