"""ALT alleles that are no bases: compiled."""

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import COMMA

_STAR, _LESS, _GREATER = 42, 60, 62
_FIRST_LETTER, _LAST_LETTER = 33, 126
_STAR_SYMBOLIC = b"<*:DEL>"
_UNSPECIFIED, _NON_REF = b"<*>", b"<NON_REF>"


@compiled
def _is_word(text, start, stop, word):
    """Whether the bytes between two places are a word."""
    if stop - start != len(word):
        return False
    for index in range(len(word)):
        if text[start + index] != word[index]:
            return False
    return True


@compiled
def is_unspecified(text, start, stop):
    """Whether an ALT is ``<*>``: what was not seen, in a record of reads (bcftools mpileup)."""
    return _is_word(text, start, stop, _UNSPECIFIED)


@compiled
def is_spanning(text, start, stop):
    """Whether an ALT is ``*`` or ``<*:DEL>`` (deleted by a record further up), or ``<*>``."""
    if stop - start == 1:
        return text[start] == _STAR
    return _is_word(text, start, stop, _STAR_SYMBOLIC) or is_unspecified(text, start, stop)


@compiled
def is_symbolic(text, start, stop):
    """Whether an ALT is ``<symbolic>`` in letters, and not one that a gVCF has."""
    if stop - start < 3 or text[start] != _LESS or text[stop - 1] != _GREATER:
        return False
    for at in range(start + 1, stop - 1):
        letter = text[at]
        if letter < _FIRST_LETTER or letter > _LAST_LETTER:
            return False
        if letter == _LESS or letter == _GREATER or letter == COMMA:
            return False
    return not (_is_word(text, start, stop, _NON_REF) or _is_word(text, start, stop, _UNSPECIFIED))
