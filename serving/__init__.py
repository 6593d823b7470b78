"""The server: the live model over HTTP, with a page. It needs TensorFlow, not TFX."""
