"""What the stages say to each other: frozen values and closed sets, no behaviour."""
