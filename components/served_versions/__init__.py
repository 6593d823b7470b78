"""The versions of a model in a folder that TensorFlow Serving reads."""
