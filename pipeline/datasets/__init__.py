"""Published data sets: downloaded once, checked, unpacked and kept. No TensorFlow, TFX or Beam."""
