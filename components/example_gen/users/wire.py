"""tf.Examples in protobuf's wire format, put together without building messages.

For lists of a hundred ids a message costs ten times what joining ready bytes does, and what
messages serialise to may differ between versions of protobuf; this does not.

message Example  { Features features = 1; }
message Features { map<string, Feature> feature = 1; }   // entries { key = 1; value = 2; }
message Feature  { oneof kind { BytesList bytes_list = 1; FloatList float_list = 2;
                                Int64List int64_list = 3; } }
message BytesList { repeated bytes value = 1; }           // Float, Int64: packed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

_LENGTH_DELIMITED = 2


def varint(value: int) -> bytes:
    """Encodes a number that is not negative in groups of 7 bits, the lowest first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def varints(values: np.ndarray) -> tuple[bytes, list[int]]:
    """Encodes many numbers at once, negative ones as unsigned of 64 bits.

    Args:
        values: int64 [n].

    Returns:
        All of them in a row, and [n + 1] where each begins and the last one ends.
    """
    rest = values.astype(np.uint64)
    groups = np.empty((len(values), 10), np.uint8)
    lengths = np.ones(len(values), np.int64)
    for position in range(10):
        groups[:, position] = rest & np.uint64(0x7F)
        rest = rest >> np.uint64(7)
        lengths += rest > 0
    inside = np.arange(10) < lengths[:, None]
    groups[np.arange(10) < lengths[:, None] - 1] |= 0x80  # another group follows
    return groups[inside].tobytes(), np.append(0, np.cumsum(lengths)).tolist()


def field(number: int, content: bytes) -> bytes:
    """Encodes a field of bytes, of text, of a message or of packed numbers."""
    return bytes([number << 3 | _LENGTH_DELIMITED]) + varint(len(content)) + content


def item(value: bytes) -> bytes:
    """Encodes one value of a bytes feature, for `bytes_feature`."""
    return field(1, value)


def bytes_feature(items: Iterable[bytes]) -> bytes:
    """Encodes a feature of values that `item` has encoded."""
    return field(1, b"".join(items))


def text_feature(*values: str) -> bytes:
    """Encodes a bytes feature of UTF-8 texts."""
    return bytes_feature(item(value.encode()) for value in values)


def float_feature(values: np.ndarray) -> bytes:
    """Encodes a float feature of numbers [n]."""
    return field(2, field(1, values.astype("<f4").tobytes()))


def int_feature(encoded: bytes) -> bytes:
    """Encodes an int64 feature of numbers that `varint` or `varints` has encoded."""
    return field(3, field(1, encoded))


def example(features: Mapping[str, bytes]) -> bytes:
    """Encodes an Example of encoded features, in the order of their names."""
    entries = (field(1, name.encode()) + field(2, features[name]) for name in sorted(features))
    return field(1, b"".join(field(1, entry) for entry in entries))
