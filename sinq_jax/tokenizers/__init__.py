"""Text to token ids and back, behind one face: learned here, or published with a model."""

from sinq_jax.tokenizers.face import Message, Tokenizer, TokenizerError, check_fits
from sinq_jax.tokenizers.incremental import IncrementalDecoder
from sinq_jax.tokenizers.learned import SentencePieceTokenizer
from sinq_jax.tokenizers.lexical import LexicalTokenizer
from sinq_jax.tokenizers.published import PublishedTokenizer, load_tokenizer

__all__ = [
    "IncrementalDecoder",
    "LexicalTokenizer",
    "Message",
    "PublishedTokenizer",
    "SentencePieceTokenizer",
    "Tokenizer",
    "TokenizerError",
    "check_fits",
    "load_tokenizer",
]
