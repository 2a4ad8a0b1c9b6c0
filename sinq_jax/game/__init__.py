"""The rules of the game in plain text: records, prompts, parsing, referee, difficulty, rewards, store."""
