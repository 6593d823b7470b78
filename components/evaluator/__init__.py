"""Evaluator: ranking metrics on the exported model, and the gate."""
