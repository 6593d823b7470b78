"""The steps of the pipeline: one folder for each step that holds code of ours."""
