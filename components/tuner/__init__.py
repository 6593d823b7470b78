"""Tuner: tries settings of the Trainer on a validation part of train and keeps the best."""
