"""Report: one page that explains a run."""
