"""What a training reads, up to the batches."""
