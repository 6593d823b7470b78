PLACED = []
