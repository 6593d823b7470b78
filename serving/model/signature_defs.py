"""The signatures of a SavedModel as TensorFlow Serving's metadata has them."""

from __future__ import annotations

import inspect
from typing import Any

from google.protobuf import json_format
from tensorflow.core.protobuf import meta_graph_pb2

# protobuf 5 has another name for it.
_ALL_FIELDS = next(
    name
    for name in ("always_print_fields_with_no_presence", "including_default_value_fields")
    if name in inspect.signature(json_format.MessageToDict).parameters
)


def signature_defs(graph: meta_graph_pb2.MetaGraphDef) -> dict[str, Any]:
    """Returns SignatureDef by name, as JSON has it, of a graph of a SavedModel."""
    options = {"preserving_proto_field_name": True, _ALL_FIELDS: True}
    return {
        name: json_format.MessageToDict(definition, **options)
        for name, definition in graph.signature_def.items()
    }
