"""How files are written: container, encoding, dialect, columns. Imports no numpy, no pyarrow."""
