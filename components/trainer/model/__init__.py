"""The two towers, their parts and their losses."""
