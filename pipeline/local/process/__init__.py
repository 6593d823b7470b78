"""What the process of a run needs around it: its log, its signals, its temporary directory."""
