"""What the Trainer decides before it builds anything: settings and memory, from the data's size."""
