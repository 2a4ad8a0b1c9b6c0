"""Past players as opponents, fixed mutation operators as another, and what players are worth."""
