"""Asks an exported model in a process that has TensorFlow alone: `query_model.py MODEL < requests`.

A request is a signature and its inputs, lists of strings; Examples come in hexadecimal. The answers
go to stdout as JSON, after a line that names what else than TensorFlow was imported.
"""

import json
import sys

import tensorflow as tf


def plain(tensor: tf.Tensor) -> list:
    values = tensor.numpy().tolist()
    if tensor.dtype != tf.string:
        return values
    return [[value.decode() for value in row] for row in values]


def main() -> None:
    model = tf.saved_model.load(sys.argv[1])
    answers = []
    for name, inputs in json.load(sys.stdin):
        tensors = {key: tf.constant(value, tf.string) for key, value in inputs.items()}
        if "examples" in inputs:
            examples = [bytes.fromhex(example) for example in inputs["examples"]]
            tensors = {"examples": tf.constant(examples, tf.string)}
        outputs = model.signatures[name](**tensors)
        answers.append({key: plain(value) for key, value in outputs.items()})
    ours = {"components", "tests", "tensorflow_transform", "tensorflow_recommenders"}
    print(json.dumps(sorted(ours & {module.split(".")[0] for module in sys.modules})))
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
