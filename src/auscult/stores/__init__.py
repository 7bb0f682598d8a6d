"""Roles that keep things: records, objects, jobs, events, secrets. One protocol each, many makers."""
