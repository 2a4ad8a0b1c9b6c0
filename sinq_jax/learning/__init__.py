"""From judged rollouts to new parameters: batch layout, advantages, losses, optimizer, train step."""
