"""A schema inferred from data: what ExampleGen fixes is curated, the values are inferred."""

from __future__ import annotations

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.contracts.examples import USER_FEATURES
from schemas import INTERACTIONS


def read_curated() -> schema_pb2.Schema:
    """Returns the curated schema; it has no range of ratings."""
    return text_format.Parse(INTERACTIONS.read_text(encoding="utf-8"), schema_pb2.Schema())


def complete(inferred: schema_pb2.Schema, curated: schema_pb2.Schema) -> schema_pb2.Schema:
    """Returns the features that the data has, fit for every split and for tomorrow's data.

    TFDV infers presence, shape and value counts from what it happens to see. But `seen_movie_id` is
    in eval only, a split may hold the same number of movies of every user, and a bucket of activity
    may be empty. ExampleGen fixes all that, so it is taken from the curated schema. Ids get no
    domain: a user or movie that is new tomorrow is no anomaly. Of a user feature the values that
    were seen are its domain.
    """
    known = {feature.name: feature for feature in curated.feature}
    schema = schema_pb2.Schema()
    for feature in inferred.feature:
        chosen = schema.feature.add()
        chosen.CopyFrom(known.get(feature.name, feature))
        if feature.name in USER_FEATURES and feature.domain:
            chosen.domain = feature.domain
    used = {feature.domain for feature in schema.feature}
    domains = {domain.name: domain for domain in (*inferred.string_domain, *curated.string_domain)}
    schema.string_domain.extend(domain for name, domain in domains.items() if name in used)
    return schema
