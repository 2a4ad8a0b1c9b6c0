"""The tokenizers that are learned here, learned from the programs that come with the game."""

from sinq_jax.programs.builtin import handwritten
from sinq_jax.tokenizers import LexicalTokenizer, SentencePieceTokenizer

SOURCES = [program.source for program in handwritten()]
LEXICAL = LexicalTokenizer.learn(SOURCES)
SENTENCEPIECE = SentencePieceTokenizer.learn(SOURCES, 500)
