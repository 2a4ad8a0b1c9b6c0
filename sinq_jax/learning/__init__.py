"""From judged rollouts to new parameters: layout, advantages, losses, optimizer, train step."""
