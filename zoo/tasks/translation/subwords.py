"""Parts of words that sentencepiece learns, byte pair encoding."""

import functools
import io
import unicodedata
from typing import Any

import sentencepiece
import tensorflow as tf
from sentencepiece import sentencepiece_model_pb2

from seqzoo import door
from seqzoo.tasks.translation.tokenizer import SPACE, Tokenizer

UNKNOWN_PIECE = "\ue000"  # sentencepiece's name for it, which must not be in a text; a character of no script
LONGEST = 1_000_000  # bytes of a text that are learned from: sentencepiece leaves longer ones out


class SubwordTokenizer(Tokenizer):
    """Parts of words: the letters, and what stands together most often, up to whole words.

    Reference: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword
    Units"; the library sentencepiece (Kudo and Richardson 2018) learns them and splits texts.

    Args:
        tokens: the letters and the parts; the earlier of two is joined first.
        lower_case: whether texts are lower-cased first.

    Example:

    >>> tokenizer = SubwordTokenizer.learn(["low lower lowest", "new newer newest"], most=16)
    >>> tokenizer.split(["newest low"])
    [['▁ne', 'we', 'st', '▁lo', 'w']]
    >>> tokenizer.decode(tokenizer.encode(["newest low"]))
    array(['newest low'], dtype=object)
    """

    @classmethod
    def learn(cls, texts: Any, lower_case: bool = False, most: int = 4000) -> "SubwordTokenizer":
        """Learns the parts of a training split's words, and all of its letters.

        Args:
            texts: strings, or a `tf.data.Dataset` of strings.
            lower_case: whether upper and lower case are the same.
            most: how many parts to learn, letters included; there may be fewer.

        Raises:
            Refused: the texts hold no word.
        """
        texts = texts.as_numpy_iterator() if isinstance(texts, tf.data.Dataset) else texts
        lines = [line for line in (_normal(text, lower_case) for text in door.texts(texts)) if line]
        letters = {letter for line in lines for letter in line} - {" "} | {SPACE}
        if not lines:
            raise door.Refused(
                "texts to learn parts of words from",
                "no text, or none with a word in it",
                "give the sentences that the model will be trained on",
            )
        if most < len(letters):
            raise door.Refused(
                f"most_tokens of at least {len(letters)}, as many as there are letters",
                f"most_tokens={most}",
                'give more, or take tokenizer="words"',
            )
        # More parts than there are pairs of letters to join are refused: those are as many as the letters at most.
        room = len(letters) + sum(len(word) for word in {word for line in lines for word in line.split(" ")})
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type="bpe",
            vocab_size=min(most, room) + 1,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            max_sentence_length=LONGEST,
            unk_id=0,
            unk_piece=UNKNOWN_PIECE,
            **dict.fromkeys(("pad_id", "bos_id", "eos_id"), -1),
            shuffle_input_sentence=False,
            num_threads=1,
            minloglevel=2,
        )
        learned = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
        normal = sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL
        return cls([piece.piece for piece in learned.pieces if piece.type == normal], lower_case)

    def split(self, texts: Any) -> list[list[str]]:
        return self._processor.encode([_normal(text, self.lower_case) for text in door.texts(texts)], out_type=str)

    @functools.cached_property
    def _processor(self):
        """sentencepiece's own, of the tokens alone."""
        proto = sentencepiece_model_pb2.ModelProto()
        proto.trainer_spec.model_type = proto.trainer_spec.BPE
        proto.trainer_spec.unk_piece, proto.trainer_spec.unk_id = UNKNOWN_PIECE, 0
        proto.trainer_spec.pad_id = proto.trainer_spec.bos_id = proto.trainer_spec.eos_id = -1
        proto.normalizer_spec.name = "identity"
        proto.pieces.add(piece=UNKNOWN_PIECE, type=proto.SentencePiece.UNKNOWN)
        for rank, token in enumerate(self.tokens):
            proto.pieces.add(piece=token, type=proto.SentencePiece.NORMAL, score=-float(rank))
        return sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())


def _normal(text: str, lower_case: bool) -> str:
    """Words between single spaces, their accents composed (NFC)."""
    text = unicodedata.normalize("NFC", text).replace(SPACE, " ")
    return " ".join((text.lower() if lower_case else text).split())
