"""64-bit fingerprints of bytes: FarmHash's, which never change, and SipHash's, which need a key to be foretold.

Sources: FarmHash (Pike, 2014; the function Fingerprint64, that is farmhashna::Hash64); Aumasson and Bernstein, SipHash:
a fast short-input PRF (2012), with 2 rounds for each word and 4 at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

_MASK = 2**64 - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _turned(x: int, by: int) -> int:
    """x turned to the right."""
    return ((x >> by) | (x << (64 - by))) & _MASK


def _mixed(x: int) -> int:
    return x ^ (x >> 47)


def _word(data: bytes, start: int, size: int = 8) -> int:
    return int.from_bytes(data[start : start + size], "little")


def _joined(u: int, v: int, factor: int) -> int:
    a = _mixed(((u ^ v) * factor) & _MASK)
    return (_mixed(((v ^ a) * factor) & _MASK) * factor) & _MASK


def fingerprint(data: bytes) -> int:
    """FarmHash's fingerprint of bytes."""
    size = len(data)
    if size <= 16:
        return _up_to_16(data, size)
    return _up_to_32(data, size) if size <= 32 else _up_to_64(data, size) if size <= 64 else _longer(data, size)


def _up_to_16(data: bytes, size: int) -> int:
    factor = (_K2 + size * 2) & _MASK
    if size >= 8:
        a, b = (_word(data, 0) + _K2) & _MASK, _word(data, size - 8)
        c, d = (_turned(b, 37) * factor + a) & _MASK, ((_turned(a, 25) + b) * factor) & _MASK
        return _joined(c, d, factor)
    if size >= 4:
        return _joined((size + (_word(data, 0, 4) << 3)) & _MASK, _word(data, size - 4, 4), factor)
    if size:
        y, z = data[0] + (data[size >> 1] << 8), size + (data[size - 1] << 2)
        return (_mixed((y * _K2 ^ z * _K0) & _MASK) * _K2) & _MASK
    return _K2


def _up_to_32(data: bytes, size: int) -> int:
    factor = (_K2 + size * 2) & _MASK
    a, b = (_word(data, 0) * _K1) & _MASK, _word(data, 8)
    c, d = (_word(data, size - 8) * factor) & _MASK, (_word(data, size - 16) * _K2) & _MASK
    u = _turned((a + b) & _MASK, 43) + _turned(c, 30) + d
    v = a + _turned((b + _K2) & _MASK, 18) + c
    return _joined(u & _MASK, v & _MASK, factor)


def _up_to_64(data: bytes, size: int) -> int:
    factor = (_K2 + size * 2) & _MASK
    a, b = (_word(data, 0) * _K2) & _MASK, _word(data, 8)
    c, d = (_word(data, size - 8) * factor) & _MASK, (_word(data, size - 16) * _K2) & _MASK
    y = (_turned((a + b) & _MASK, 43) + _turned(c, 30) + d) & _MASK
    z = _joined(y, (a + _turned((b + _K2) & _MASK, 18) + c) & _MASK, factor)
    e, f = (_word(data, 16) * factor) & _MASK, _word(data, 24)
    g, h = ((y + _word(data, size - 32)) * factor) & _MASK, ((z + _word(data, size - 24)) * factor) & _MASK
    u = _turned((e + f) & _MASK, 43) + _turned(g, 30) + h
    v = e + _turned((f + a) & _MASK, 18) + g
    return _joined(u & _MASK, v & _MASK, factor)


def _pair(data: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    """32 bytes stirred into two numbers."""
    w, x, y, z = (_word(data, start + 8 * n) for n in range(4))
    a = (a + w) & _MASK
    b = _turned((b + a + z) & _MASK, 21)
    c = a
    a = (a + x + y) & _MASK
    b = (b + _turned(a, 44)) & _MASK
    return (a + z) & _MASK, (b + c) & _MASK


def _longer(data: bytes, size: int) -> int:
    x, y = 81, (81 * _K1 + 113) & _MASK
    z = (_mixed((y * _K2 + 113) & _MASK) * _K2) & _MASK
    v, w = (0, 0), (0, 0)
    x = (x * _K2 + _word(data, 0)) & _MASK
    # All whole blocks of 64 bytes but the last 64 bytes, which are stirred in at the end, again if need be.
    last = (size - 1) // 64 * 64
    for start in range(0, last, 64):
        x = (_turned((x + y + v[0] + _word(data, start + 8)) & _MASK, 37) * _K1) & _MASK
        y = (_turned((y + v[1] + _word(data, start + 48)) & _MASK, 42) * _K1) & _MASK
        x ^= w[1]
        y = (y + v[0] + _word(data, start + 40)) & _MASK
        z = (_turned((z + w[0]) & _MASK, 33) * _K1) & _MASK
        v = _pair(data, start, (v[1] * _K1) & _MASK, (x + w[0]) & _MASK)
        w = _pair(data, start + 32, (z + w[1]) & _MASK, (y + _word(data, start + 16)) & _MASK)
        z, x = x, z
    factor = (_K1 + ((z & 0xFF) << 1)) & _MASK
    start = size - 64
    w = ((w[0] + ((size - 1) & 63)) & _MASK, w[1])
    v = ((v[0] + w[0]) & _MASK, v[1])
    w = ((w[0] + v[0]) & _MASK, w[1])
    x = (_turned((x + y + v[0] + _word(data, start + 8)) & _MASK, 37) * factor) & _MASK
    y = (_turned((y + v[1] + _word(data, start + 48)) & _MASK, 42) * factor) & _MASK
    x ^= (w[1] * 9) & _MASK
    y = (y + v[0] * 9 + _word(data, start + 40)) & _MASK
    z = (_turned((z + w[0]) & _MASK, 33) * factor) & _MASK
    v = _pair(data, start, (v[1] * factor) & _MASK, (x + w[0]) & _MASK)
    w = _pair(data, start + 32, (z + w[1]) & _MASK, (y + _word(data, start + 16)) & _MASK)
    z, x = x, z
    first = (_joined(v[0], w[0], factor) + _mixed(y) * _K0 + z) & _MASK
    return _joined(first, (_joined(v[1], w[1], factor) + x) & _MASK, factor)


def joined(first: int, second: int) -> int:
    """One fingerprint of two, in the order given (TensorFlow's FingerprintCat64)."""
    factor = 0xC6A4A7935BD1E995
    found = first ^ factor
    found ^= (_mixed((second * factor) & _MASK) * factor) & _MASK
    return _mixed((_mixed((found * factor) & _MASK) * factor) & _MASK)


def keyed(data: bytes, key: Sequence[int]) -> int:
    """SipHash-2-4 of bytes, with a key of two 64-bit numbers."""
    k0, k1 = (part & _MASK for part in key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    whole = len(data) // 8 * 8
    words = [_word(data, start) for start in range(0, whole, 8)]
    words.append(_word(data, whole) | ((len(data) & 0xFF) << 56))
    for word in words:
        v[3] ^= word
        _round(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _round(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _round(v: list[int], times: int) -> None:
    for _ in range(times):
        _add(v, 0, 1, 13)
        v[0] = _turned(v[0], 32)
        _add(v, 2, 3, 16)
        _add(v, 0, 3, 21)
        _add(v, 2, 1, 17)
        v[2] = _turned(v[2], 32)


def _add(v: list[int], here: int, there: int, by: int) -> None:
    v[here] = (v[here] + v[there]) & _MASK
    v[there] = _turned(v[there], 64 - by) ^ v[here]
