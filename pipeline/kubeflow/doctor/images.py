"""Whether the image of the steps is there: on nodes, or in its registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from components.deadline import within
from pipeline.kubeflow.client.bounded_client import ANSWER_SECONDS, CONNECT_SECONDS
from pipeline.kubeflow.doctor.finding import Finding, note, ok, problem, unknown
from pipeline.kubeflow.doctor.nodes import Node
from pipeline.kubeflow.served.compiled import Compiled

_DEFAULT_HOST, _DEFAULT_API = "docker.io", "registry-1.docker.io"
_HERE = ("localhost", "127.0.0.1")
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


@dataclass(frozen=True)
class Reference:
    """An image by its parts: registry, repository, and a tag or digest."""

    host: str
    repository: str
    version: str

    @classmethod
    def parse(cls, image: str) -> Reference:
        """Reads an image as container engines do."""
        rest, _, digest = image.partition("@")
        head, slash, tail = rest.partition("/")
        if slash and ("." in head or ":" in head or head == "localhost"):
            host, rest = head, tail
        else:
            host = _DEFAULT_HOST
            rest = rest if slash else f"library/{rest}"
        repository, colon, tag = rest.rpartition(":")
        if not colon:
            repository, tag = rest, ""
        return cls(host, repository, digest or tag or "latest")

    @property
    def full_name(self) -> str:
        """The name as nodes list it."""
        colon = "@" if ":" in self.version else ":"
        return f"{self.host}/{self.repository}{colon}{self.version}"

    @property
    def address(self) -> str:
        """Where the registry has its manifest."""
        host = _DEFAULT_API if self.host == _DEFAULT_HOST else self.host
        scheme = "http" if host.partition(":")[0] in _HERE else "https"
        return f"{scheme}://{host}/v2/{self.repository}/manifests/{self.version}"


def look_at_images(nodes: list[Node], compiled: Compiled) -> Iterator[Finding]:
    """Yields findings for each image of a package; there are no nodes where they are not known."""
    for image in sorted(compiled.images):
        reference = Reference.parse(image)
        if reference.version == "latest":
            yield note(
                f"image {image}: has a moving tag",
                "give every image a tag of its own: the cache looks at the tag only",
            )
        holding = [node for node in nodes if {image, reference.full_name} & node.images]
        if holding:
            yield ok(f"image {image}: on {len(holding)} of {len(nodes)} nodes")
        else:
            yield registry_finding(image, reference)


def registry_finding(image: str, reference: Reference) -> Finding:
    """Returns what the registry says of an image, asked without credentials."""
    status = manifest_status(reference)
    if status == 200:
        return ok(f"image {image}: in its registry")
    if status == 404:
        return problem(
            f"image {image}: {reference.host} has none of that name and tag",
            f"make image IMAGE={image}, then push it",
        )
    if status in (401, 403):
        return unknown(
            f"image {image}: {reference.host} wants credentials",
            "the account of the runs needs an imagePullSecret, or the nodes a right to pull",
        )
    said = "does not answer" if status is None else f"answers status {status}"
    return unknown(
        f"image {image}: {reference.host} {said} from here",
        "the nodes must be able to pull it",
    )


def manifest_status(reference: Reference) -> int | None:
    """Returns the status of the registry's answer; None where there is none."""
    import urllib3

    def ask() -> int:
        with urllib3.PoolManager(retries=False, timeout=CONNECT_SECONDS) as pool:
            answer = pool.request("HEAD", reference.address, headers={"Accept": _MANIFESTS})
            return int(answer.status)

    try:
        return within(CONNECT_SECONDS + ANSWER_SECONDS, ask)
    except (urllib3.exceptions.HTTPError, OSError, ValueError):
        return None
