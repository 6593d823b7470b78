"""What clients speak: TensorFlow Serving's REST, the Open Inference Protocol, and people's."""
