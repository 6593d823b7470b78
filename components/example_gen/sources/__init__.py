"""What there is to read: layouts, spans, the catalogue, blocks of rating files."""
