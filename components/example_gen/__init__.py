"""ExampleGen: rating files to one Example per user and split."""
