"""FarmHash's two fingerprints in plain Python, for the compatible stack.

TensorFlow Data Validation imports `farmhash`. For Python 3.10 that package exists as source only:
it would ask every machine for a C++ compiler and Python's headers. Only the two functions below
are used, on the names of features (and by ExampleDiff, which this project does not run), so speed
is no concern. make_venv.sh copies this file into the environment; the results are the same.

The algorithm: https://github.com/google/farmhash (farmhashna::Hash64, farmhashmk::Hash32); the
names of variables are those of its authors.
"""

from __future__ import annotations

__version__ = "0.3.2"

_M32 = 0xFFFFFFFF
_M64 = 0xFFFFFFFFFFFFFFFF
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_C1, _C2 = 0xCC9E2D51, 0x1B873593


def fingerprint64(text: bytes | str) -> int:
    """Returns the 64-bit fingerprint; a str is taken as UTF-8."""
    s = text.encode() if isinstance(text, str) else bytes(text)
    if len(s) <= 16:
        return _len_0_to_16(s)
    if len(s) <= 32:
        return _len_17_to_32(s)
    return _len_33_to_64(s) if len(s) <= 64 else _len_65_up(s)


def fingerprint32(text: bytes | str) -> int:
    """Returns the 32-bit fingerprint; a str is taken as UTF-8."""
    s = text.encode() if isinstance(text, str) else bytes(text)
    if len(s) <= 4:
        return _mk_0_to_4(s)
    if len(s) <= 12:
        return _mk_5_to_12(s)
    return _mk_13_to_24(s) if len(s) <= 24 else _mk_25_up(s)


def _fetch64(s: bytes, at: int) -> int:
    return int.from_bytes(s[at : at + 8], "little")


def _fetch32(s: bytes, at: int) -> int:
    return int.from_bytes(s[at : at + 4], "little")


def _rotate64(value: int, shift: int) -> int:
    value &= _M64
    return (value >> shift | value << (64 - shift)) & _M64


def _rotate32(value: int, shift: int) -> int:
    value &= _M32
    return (value >> shift | value << (32 - shift)) & _M32


def _shift_mix(value: int) -> int:
    value &= _M64
    return value ^ value >> 47


def _hash_16(u: int, v: int, mul: int) -> int:
    a = _shift_mix((u ^ v) * mul)
    return _shift_mix((v ^ a) * mul) * mul & _M64


def _len_0_to_16(s: bytes) -> int:
    n = len(s)
    mul = _K2 + n * 2
    if n >= 8:
        a, b = _fetch64(s, 0) + _K2 & _M64, _fetch64(s, n - 8)
        c, d = _rotate64(b, 37) * mul + a, (_rotate64(a, 25) + b) * mul
        return _hash_16(c & _M64, d & _M64, mul)
    if n >= 4:
        return _hash_16(n + (_fetch32(s, 0) << 3), _fetch32(s, n - 4), mul)
    if n == 0:
        return _K2
    y, z = s[0] + (s[n >> 1] << 8), n + (s[-1] << 2)
    return _shift_mix(y * _K2 ^ z * _K0) * _K2 & _M64


def _len_17_to_32(s: bytes) -> int:
    n = len(s)
    mul = _K2 + n * 2
    a, b = _fetch64(s, 0) * _K1, _fetch64(s, 8)
    c, d = _fetch64(s, n - 8) * mul, _fetch64(s, n - 16) * _K2
    u = _rotate64(a + b, 43) + _rotate64(c, 30) + d
    return _hash_16(u & _M64, a + _rotate64(b + _K2, 18) + c & _M64, mul)


def _len_33_to_64(s: bytes) -> int:
    n = len(s)
    mul = _K2 + n * 2
    a, b = _fetch64(s, 0) * _K2, _fetch64(s, 8)
    c, d = _fetch64(s, n - 8) * mul, _fetch64(s, n - 16) * _K2
    y = _rotate64(a + b, 43) + _rotate64(c, 30) + d & _M64
    z = _hash_16(y, a + _rotate64(b + _K2, 18) + c & _M64, mul)
    e, f = _fetch64(s, 16) * mul, _fetch64(s, 24)
    g, h = (y + _fetch64(s, n - 32)) * mul, (z + _fetch64(s, n - 24)) * mul
    u = _rotate64(e + f, 43) + _rotate64(g, 30) + h
    return _hash_16(u & _M64, e + _rotate64(f + a, 18) + g & _M64, mul)


def _weak_32(s: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_fetch64(s, at + i) for i in (0, 8, 16, 24))
    a += w
    b = _rotate64(b + a + z, 21)
    return a + x + y + z & _M64, b + _rotate64(a + x + y, 44) + a & _M64


def _len_65_up(s: bytes) -> int:
    n = len(s)
    x, y = 81, 81 * _K1 + 113 & _M64
    z = _shift_mix(y * _K2 + 113) * _K2 & _M64
    x = x * _K2 + _fetch64(s, 0) & _M64
    v, w = (0, 0), (0, 0)
    for at in range(0, (n - 1) // 64 * 64, 64):
        x = _rotate64(x + y + v[0] + _fetch64(s, at + 8), 37) * _K1 & _M64 ^ w[1]
        y = _rotate64(y + v[1] + _fetch64(s, at + 48), 42) * _K1 + v[0] + _fetch64(s, at + 40)
        z = _rotate64(z + w[0], 33) * _K1 & _M64
        v = _weak_32(s, at, v[1] * _K1, x + w[0])
        w = _weak_32(s, at + 32, z + w[1], y + _fetch64(s, at + 16))
        x, z = z, x
    mul, at = _K1 + ((z & 0xFF) << 1), n - 64
    first = w[0] + (n - 1 & 63)
    v = (v[0] + first, v[1])
    w = (first + v[0], w[1])
    x = _rotate64(x + y + v[0] + _fetch64(s, at + 8), 37) * mul & _M64 ^ w[1] * 9 & _M64
    y = _rotate64(y + v[1] + _fetch64(s, at + 48), 42) * mul + v[0] * 9 + _fetch64(s, at + 40)
    z = _rotate64(z + w[0], 33) * mul & _M64
    v = _weak_32(s, at, v[1] * mul, x + w[0])
    w = _weak_32(s, at + 32, z + w[1], y + _fetch64(s, at + 16))
    u = _hash_16(v[0], w[0], mul) + _shift_mix(y) * _K0 + x
    return _hash_16(u & _M64, _hash_16(v[1], w[1], mul) + z & _M64, mul)


def _fmix(h: int) -> int:
    h &= _M32
    h = (h ^ h >> 16) * 0x85EBCA6B & _M32
    h = (h ^ h >> 13) * 0xC2B2AE35 & _M32
    return h ^ h >> 16


def _mur(a: int, h: int) -> int:
    h = (h ^ _rotate32(a * _C1, 17) * _C2) & _M32
    return _rotate32(h, 19) * 5 + 0xE6546B64 & _M32


def _mk_0_to_4(s: bytes) -> int:
    b, c = 0, 9
    for byte in s:
        b = b * _C1 + (byte - 256 if byte > 127 else byte) & _M32
        c ^= b
    return _fmix(_mur(b, _mur(len(s), c)))


def _mk_5_to_12(s: bytes) -> int:
    n = len(s)
    a, b = n + _fetch32(s, 0), n * 5 + _fetch32(s, n - 4)
    c = 9 + _fetch32(s, n >> 1 & 4)
    return _fmix(_mur(c, _mur(b, _mur(a, n * 5))))


def _mk_13_to_24(s: bytes) -> int:
    n = len(s)
    a, b, c = _fetch32(s, (n >> 1) - 4), _fetch32(s, 4), _fetch32(s, n - 8)
    d, e, f = _fetch32(s, n >> 1), _fetch32(s, 0), _fetch32(s, n - 4)
    a = _rotate32(a, 12) + f
    h = _mur(c, d * _C1 + n) + a
    a = _rotate32(a, 3) + c
    h = _mur(e, h) + a
    a = _rotate32(a + f, 12) + d
    return _fmix(_mur(b, h) + a)


def _mk_25_up(s: bytes) -> int:
    n = len(s)
    h, g, f = n, _C1 * n & _M32, _C1 * n & _M32
    h = _mur(_fetch32(s, n - 16), _mur(_fetch32(s, n - 4), h))
    g = _mur(_fetch32(s, n - 12), _mur(_fetch32(s, n - 8), g))
    f = _rotate32(f + _rotate32(_fetch32(s, n - 20) * _C1, 17) * _C2, 19) + 113
    for at in range(0, (n - 1) // 20 * 20, 20):
        a, b, c, d, e = (_fetch32(s, at + i) for i in (0, 4, 8, 12, 16))
        h, g, f = h + a, g + b, f + c
        h = _mur(d, h) + e
        g = _mur(c, g) + a
        f = _mur(b + e * _C1, f) + d
        f += g
        g += f
    g = _rotate32(_rotate32(g, 11) * _C1, 17) * _C1
    f = _rotate32(_rotate32(f, 11) * _C1, 17) * _C1
    for other in (g, f):
        h = _rotate32(_rotate32(h + other, 19) * 5 + 0xE6546B64, 17) * _C1
    return h & _M32
