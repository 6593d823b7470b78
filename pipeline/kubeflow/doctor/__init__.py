"""What a cluster lacks to run the pipeline. It looks and changes nothing."""
