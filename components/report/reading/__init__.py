"""What the page is made from: artifacts, figures, answers of the model."""
