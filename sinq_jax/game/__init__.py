"""The rules of the game, as text: records, prompts, parsing, referee, rewards, store."""
