"""Text to token ids and back, behind one face: learned here, or published with a model."""

from sinq_jax.tokenizers.face import Message, Tokenizer, TokenizerError, check_fits
from sinq_jax.tokenizers.learned import SentencePieceTokenizer
from sinq_jax.tokenizers.lexical import LexicalTokenizer

__all__ = [
    "LexicalTokenizer",
    "Message",
    "SentencePieceTokenizer",
    "Tokenizer",
    "TokenizerError",
    "check_fits",
]
