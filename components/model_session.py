"""A SavedModel in a session of its own, the way in which TensorFlow Serving holds it.

`tf.saved_model.load` builds each function again as Python objects: a second of work during which
other threads of the process wait. A session hands the graph to the runtime in one piece. Its calls
cost less, and it gives its memory back as soon as nothing refers to it. TensorFlow only.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import config_pb2, meta_graph_pb2

Arrays = dict[str, np.ndarray]
# Below 0: all operations of a call run in the thread that calls. Requests are batched before they
# come here, so that a call has nothing to gain from handing operations over to other threads.
_CALLERS_THREAD = -1
# protobuf 5 has another name for it.
_ALL_FIELDS = next(
    name
    for name in ("always_print_fields_with_no_presence", "including_default_value_fields")
    if name in inspect.signature(json_format.MessageToDict).parameters
)


def _is_no_advice(record: logging.LogRecord) -> bool:
    """Drops the advice to use `tf.saved_model.load`, for which there is a reason not to."""
    return "is deprecated" not in str(record.msg)


tf.get_logger().addFilter(_is_no_advice)


@dataclass(frozen=True)
class Signature:
    """A signature of the model.

    Attributes:
        inputs: For each input its dtype and shape; the first dimension is the batch.
        outputs: The same of the outputs.
    """

    inputs: Mapping[str, tf.TensorSpec]
    outputs: Mapping[str, tf.TensorSpec]


class ModelSession:
    """A loaded SavedModel.

    Attributes:
        signatures: By name.
        signature_defs: The same as TensorFlow Serving's metadata has them.
    """

    def __init__(self, path: str | Path, *, optimize: bool = True) -> None:
        """Loads a SavedModel; whatever TensorFlow raises is raised.

        Args:
            path: Its folder.
            optimize: Whether TensorFlow optimizes the graph of each signature. That takes most of
                the time of a load and makes a call shorter by a few per cent: not worth it for a
                few calls.
        """
        graph, config = tf.Graph(), config_pb2.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = not optimize
        self._session = tf.compat.v1.Session(graph=graph, config=config)
        with graph.as_default():
            meta_graph: meta_graph_pb2.MetaGraphDef = tf.compat.v1.saved_model.load(
                self._session, [tf.saved_model.SERVING], str(path)
            )
        self.signature_defs = _as_json(meta_graph)
        definitions = {
            name: definition
            for name, definition in meta_graph.signature_def.items()
            if definition.method_name == tf.saved_model.PREDICT_METHOD_NAME
        }
        self.signatures = {
            name: Signature(_specs(definition.inputs), _specs(definition.outputs))
            for name, definition in definitions.items()
        }
        self._calls = {
            name: self._session._make_callable_from_options(_call_options(definition))
            for name, definition in definitions.items()
        }

    def call(self, signature: str, inputs: Mapping[str, np.ndarray]) -> Arrays:
        """Answers a batch.

        Args:
            signature: Name of one of the signatures.
            inputs: For each of its inputs an array of its dtype (bytes objects for strings),
                [batch, …].

        Returns:
            For each output an array, [batch, …]; strings are bytes objects.

        Raises:
            tf.errors.InvalidArgumentError, UnicodeDecodeError: The model cannot read a value.
        """
        known = self.signatures[signature]
        values = self._calls[signature](*(inputs[name] for name in known.inputs))
        return dict(zip(known.outputs, values, strict=True))


def string_array(texts: Sequence[str]) -> np.ndarray:
    """Returns texts as an input of a call: bytes objects [n], UTF-8.

    Surrogate escapes, which stand for bytes that are not UTF-8, become those bytes again.
    """
    return np.array([text.encode("utf-8", "surrogateescape") for text in texts], object)


def _as_json(graph: meta_graph_pb2.MetaGraphDef) -> dict[str, Any]:
    """Returns SignatureDef by name, as JSON has it, of a graph of a SavedModel."""
    options = {"preserving_proto_field_name": True, _ALL_FIELDS: True}
    return {
        name: json_format.MessageToDict(definition, **options)
        for name, definition in graph.signature_def.items()
    }


def _specs(infos: Mapping[str, meta_graph_pb2.TensorInfo]) -> dict[str, tf.TensorSpec]:
    return {
        name: tf.TensorSpec(
            tf.TensorShape(infos[name].tensor_shape), tf.dtypes.as_dtype(infos[name].dtype), name
        )
        for name in sorted(infos)
    }


def _call_options(definition: meta_graph_pb2.SignatureDef) -> config_pb2.CallableOptions:
    """Returns what is fed and fetched, each in the order of the names."""
    options: Any = config_pb2.CallableOptions(
        feed=[definition.inputs[name].name for name in sorted(definition.inputs)],
        fetch=[definition.outputs[name].name for name in sorted(definition.outputs)],
    )
    options.run_options.inter_op_thread_pool = _CALLERS_THREAD
    return options
