"""Errors that the user can correct, each explained in one line."""

from __future__ import annotations


class UserError(Exception):
    """Bad arguments, configuration or data: what is wrong, where, what would be accepted.

    The runners print the message as it is, without a traceback, and exit with code 2.
    """


class ConfigError(UserError):
    """A setting that is unknown, of the wrong type or out of its range."""


class DataError(UserError):
    """Input data that the pipeline refuses to train on."""


class RefusedError(UserError):
    """A model that the gate or the serving check refused; nothing was pushed."""
