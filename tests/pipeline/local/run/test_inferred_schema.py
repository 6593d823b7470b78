"""What is taken from an inferred schema, and what from the curated one."""

from __future__ import annotations

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from pipeline.local.run.inferred_schema import complete, read_curated

# As TFDV infers it from users of whom each has two movies.
INFERRED = """
feature { name: "user_id" type: BYTES domain: "user_id" presence { min_fraction: 1.0 } }
feature {
  name: "movie_id" type: BYTES domain: "movie_id"
  presence { min_fraction: 1.0 min_count: 1 } shape { dim { size: 2 } }
}
feature { name: "activity" type: BYTES domain: "activity" presence { min_fraction: 1.0 } }
feature { name: "seen_movie_id" type: BYTES presence { min_fraction: 1.0 min_count: 1 } }
feature { name: "gender" type: BYTES domain: "gender" presence { min_fraction: 1.0 } }
feature { name: "age" type: BYTES presence { min_fraction: 1.0 } }
feature { name: "mood" type: BYTES domain: "mood" }
string_domain { name: "user_id" value: "1" }
string_domain { name: "movie_id" value: "7" }
string_domain { name: "activity" value: "1-19" }
string_domain { name: "gender" value: "0" value: "1" }
string_domain { name: "mood" value: "good" }
"""


def test_complete_takes_values_from_the_data_and_the_rest_from_the_curated_schema() -> None:
    curated = read_curated()
    inferred = text_format.Parse(INFERRED, schema_pb2.Schema())
    schema = complete(inferred, curated)
    features = {feature.name: feature for feature in schema.feature}
    known = {feature.name: feature for feature in curated.feature}
    # What the data has, in its order; the curated schema has occupation too.
    assert list(features) == [feature.name for feature in inferred.feature]
    for name in ("user_id", "movie_id", "activity", "seen_movie_id", "age"):
        assert features[name] == known[name]
    assert features["gender"].domain == "gender"
    assert features["gender"].presence == known["gender"].presence
    assert features["mood"] == inferred.feature[6]
    domains = {domain.name: list(domain.value) for domain in schema.string_domain}
    assert domains["gender"] == ["0", "1"]
    assert domains["mood"] == ["good"]
    # All buckets of activity, not only the one that was seen; no domain of ids.
    assert domains["activity"] == list(curated.string_domain[0].value)
    assert set(domains) == {"gender", "mood", "activity"}
