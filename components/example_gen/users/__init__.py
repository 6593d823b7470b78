"""From rating rows to one Example per user and split."""
