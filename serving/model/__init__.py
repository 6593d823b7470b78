"""The model that is served: loading, warming up, swapping, and what is known of its movies."""
