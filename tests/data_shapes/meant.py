MEANT = []
