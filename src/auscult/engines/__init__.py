"""Roles that can do something: speech, speakers, writer. One protocol each, many makers."""
