"""References of images, as container engines read them."""

from __future__ import annotations

import pytest

from pipeline.kubeflow.doctor.images import Reference

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("image", "full_name", "address"),
    [
        (
            "registry.example/team/recommender:1.0",
            "registry.example/team/recommender:1.0",
            "https://registry.example/v2/team/recommender/manifests/1.0",
        ),
        (
            "registry.example:5000/recommender",
            "registry.example:5000/recommender:latest",
            "https://registry.example:5000/v2/recommender/manifests/latest",
        ),
        (
            "localhost:5000/r:1",
            "localhost:5000/r:1",
            "http://localhost:5000/v2/r/manifests/1",
        ),
        (
            "python:3.13",
            "docker.io/library/python:3.13",
            "https://registry-1.docker.io/v2/library/python/manifests/3.13",
        ),
        (
            "team/recommender:1",
            "docker.io/team/recommender:1",
            "https://registry-1.docker.io/v2/team/recommender/manifests/1",
        ),
        (
            f"ghcr.io/team/r:1@{DIGEST}",
            f"ghcr.io/team/r@{DIGEST}",
            f"https://ghcr.io/v2/team/r/manifests/{DIGEST}",
        ),
    ],
)
def test_reference(image: str, full_name: str, address: str) -> None:
    reference = Reference.parse(image)
    assert (reference.full_name, reference.address) == (full_name, address)
