"""Keras's `ops` that multiply matrices."""

from __future__ import annotations

from math import prod
from string import ascii_letters

from pippin.errors import ShapeError
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float


@operation(2)
def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    """Matrix product of the last two axes; leading axes broadcast, one-dimensional operands as in NumPy."""
    return as_float(x1) @ as_float(x2)


@operation(2)
def dot(x1: Tensor, x2: Tensor) -> Tensor:
    """The sum of products over the last axis of x1 and the last but one of x2; single numbers multiply."""
    if x1.rank == 0 or x2.rank == 0:
        return as_float(x1) * as_float(x2)
    if x2.rank <= 2:
        return matmul(x1, x2)
    order = [x2.rank - 2, *(axis for axis in range(x2.rank) if axis != x2.rank - 2)]
    flat = x2.transpose(order).reshape((x2.shape[-2], -(-x2.size // max(1, x2.shape[-2]))))
    return matmul(x1, flat).reshape((*x1.shape[:-1], *x2.shape[:-2], x2.shape[-1]))


def einsum(subscripts: str, *operands: Tensor) -> Tensor:
    """Products summed as the letters say: "ij,jk->ik" is a matrix product; "..." stands for further axes."""
    return sum_of_products(list(operands), subscripts)


@operation(1)
def sum_of_products(operands: list[Tensor], subscripts: str) -> Tensor:
    """What `einsum` computes: a product of matrices for each pair of operands, from left to right."""
    words, result = _letters(subscripts.replace(" ", ""), [x.rank for x in operands])
    x, word = as_float(operands[0]), words[0]
    for number, (other, letters) in enumerate(zip(operands[1:], words[1:], strict=True), 2):
        needed = set(result).union(*words[number:])
        x, word = _multiplied(x, word, as_float(other), letters, needed, result)
    x, word = _without(x, word, set(result))
    return x if word == result else x.transpose([word.index(letter) for letter in result])


def _letters(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """The axes of each operand and of the result, a letter for each."""
    given, arrow, result = subscripts.partition("->")
    words = given.split(",")
    spare = [letter for letter in ascii_letters if letter not in subscripts]
    if len(words) != len(ranks):
        raise ShapeError(f"einsum: expected {len(words)} operands for {subscripts!r}, received {len(ranks)}.")
    further = max([rank - len(word) + 3 for word, rank in zip(words, ranks, strict=True) if "..." in word], default=0)
    if not arrow:
        once = sorted(letter for letter in set(given) - set(",.") if given.count(letter) == 1)
        result = ("..." if "..." in given else "") + "".join(once)
    full = [
        word.replace("...", "".join(spare[further - (rank - len(word) + 3) : further]))
        for word, rank in zip(words, ranks, strict=True)
    ]
    for word, rank in zip(full, ranks, strict=True):
        if len(word) != rank or len(set(word)) != rank:
            raise ShapeError(
                f"einsum: expected operands with one axis for each letter of {subscripts!r}, each letter once, "
                f"received operands with {ranks} axes."
            )
    return full, result.replace("...", "".join(spare[:further]))


def _without(x: Tensor, word: str, needed: set[str]) -> tuple[Tensor, str]:
    """Axes that nothing needs are summed away."""
    axes = [axis for axis, letter in enumerate(word) if letter not in needed]
    return (x.sum(axes), "".join(letter for letter in word if letter in needed)) if axes else (x, word)


def _multiplied(
    a: Tensor, a_word: str, b: Tensor, b_word: str, needed: set[str], result: str
) -> tuple[Tensor, str]:  # fmt: skip
    """Two operands as one, by a product of matrices for each entry of the axes that both have and the result keeps."""
    a, a_word = _without(a, a_word, needed | set(b_word))
    b, b_word = _without(b, b_word, needed | set(a_word))
    shared = [letter for letter in a_word if letter in b_word]
    sizes = dict(zip(b_word, b.shape, strict=True)) | {
        letter: size for letter, size in zip(a_word, a.shape, strict=True) if size != 1 or letter not in b_word
    }
    batch = [letter for letter in shared if letter in needed]
    summed = [letter for letter in shared if letter not in needed]
    a_own = [letter for letter in a_word if letter not in shared]
    b_own = [letter for letter in b_word if letter not in shared]
    # The order of the result decides whose rows it has: then it need not be turned.
    first = [letter for letter in result if letter in a_own or letter in b_own]
    if first and first[0] in b_own and a_own:
        a, a_word, a_own, b, b_word, b_own = b, b_word, b_own, a, a_word, a_own

    def matrices(x: Tensor, word: str, order: list[list[str]]) -> Tensor:
        letters = [letter for group in order for letter in group]
        x = x.broadcast_to([sizes[letter] for letter in word])
        if list(word) != letters:
            x = x.transpose([word.index(letter) for letter in letters])
        return x.reshape([prod(sizes[letter] for letter in group) for group in (order if batch else order[1:])])

    turned = list(b_word) == [*batch, *b_own, *summed] and bool(summed)
    left = matrices(a, a_word, [batch, a_own, summed])
    right = matrices(b, b_word, [batch, b_own, summed] if turned else [batch, summed, b_own])
    product = left.matmul(right, transpose_b=turned)
    letters = [*batch, *a_own, *b_own]
    return product.reshape([sizes[letter] for letter in letters]), "".join(letters)
