"""The inputs of a training, up to the batches."""
