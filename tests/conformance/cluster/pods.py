"""Runs the containers of a pod: each attempt in a root file system of its own.

A container sees the system, the image (the project at /app and its Python), and of volumes only
what its pod mounts: claims, secrets as files, empty folders. Steps run as the image's user.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.cluster.kubernetes_api import Objects
from tests.conformance.cluster.kubernetes_rules import MAX_TERMINATION_LOG, Object
from tests.conformance.cluster.processes import SERVICE_ACCOUNT
from tests.conformance.cluster.programs import Programs

PROJECT = Path(__file__).parents[3]
WORK = "/app"
USER = "10001:10001"
SYSTEM = (
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/sbin",
    "/usr",
    "/etc",
    "/proc",
    "/sys",
    "/dev",
)
TERMINATION_LOG = "/termination-log"
PREFIX = os.path.realpath(sys.prefix)
# What the image sets, and what tests say of threads and coverage. By the certificate Kubeflow's
# programs trust the stand-in of Google's services.
IMAGE = {
    "PATH": f"{PREFIX}/bin:/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "TF_USE_LEGACY_KERAS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "KFP_TERMINATION_LOG": TERMINATION_LOG,
    "SSL_CERT_FILE": f"{SERVICE_ACCOUNT}/ca.crt",
}
KEPT = ("LD_LIBRARY_PATH", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
KUBERNETES = {
    "KUBERNETES_SERVICE_HOST": "127.0.0.1",
    "KUBERNETES_SERVICE_PORT": "6443",
}
SECONDS = 3600

AttemptHook = Callable[[str, int, "subprocess.Popen[bytes]"], None]


@dataclass
class Ended:
    """How a pod ended: exit code, termination log, output; its name, and how long it took."""

    code: int
    reason: str
    log: str
    pod: str = ""
    seconds: float = 0.0


@dataclass
class Kubelet:
    """Starts pods.

    Attributes:
        folder: Where the roots and logs are.
        programs: Kubeflow's programs.
        objects: Pods, secrets and config maps of the cluster.
        claims: Folder of each PersistentVolumeClaim.
        account: Folder with token and certificate.
        hosts: The file /etc/hosts.
    """

    folder: Path
    programs: Programs
    objects: Objects
    claims: Mapping[str, Path]
    account: Path
    hosts: Path
    files: dict[str, Path] = field(default_factory=dict)

    def run(
        self,
        pod: Object,
        outputs: Path,
        started: Callable[[subprocess.Popen[bytes]], None] | None = None,
    ) -> Ended:
        """Creates the pod in the cluster and runs it to its end.

        Args:
            pod: With one container, `main`, and perhaps init containers.
            outputs: Folder that the container sees as /tmp/outputs.
            started: Called with the process.

        Raises:
            RefusedError: Kubernetes would not take the pod.
        """
        kept, begun = self.objects.create("pods", pod), time.monotonic()
        name = kept["metadata"]["name"]
        place = self.folder / name
        place.mkdir()
        reason = place / "termination-log"
        reason.touch()
        reason.chmod(0o666)
        declared = self._declared(kept)
        script = "\n".join(self._script(kept, place, outputs))
        command = [_expand(part, declared) for part in _command(kept["spec"])]
        kept_variables = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment = {**IMAGE, **kept_variables, **declared}
        with (place / "log").open("wb") as log:
            self.objects.logs[name] = place / "log"
            process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-ec", script, "pod", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            if started:
                started(process)
            code = process.wait(timeout=SECONDS)
        text = reason.read_text(errors="replace")[:MAX_TERMINATION_LOG]
        log_text = (place / "log").read_text(errors="replace")
        return Ended(code, text, log_text, name, time.monotonic() - begun)

    def _declared(self, pod: Object) -> dict[str, str]:
        """Returns the variables that Kubernetes knows of: not those of the image."""
        fields = {
            "metadata.name": pod["metadata"]["name"],
            "metadata.uid": pod["metadata"]["uid"],
            "metadata.namespace": pod["metadata"]["namespace"],
        }
        declared = dict(KUBERNETES)
        for variable in _main(pod["spec"]).get("env") or []:
            source = variable.get("valueFrom") or {}
            if "fieldRef" in source:
                value = fields[source["fieldRef"]["fieldPath"]]
            elif "secretKeyRef" in source:
                value = self._secret(source["secretKeyRef"]["name"])[source["secretKeyRef"]["key"]]
            else:
                value = _expand(variable.get("value", ""), declared)
            declared[variable["name"]] = value
        return declared

    def _secret(self, name: str) -> dict[str, str]:
        data = self.objects.get("secrets", name)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def _script(self, pod: Object, place: Path, outputs: Path) -> Iterator[str]:
        """Yields the commands that make the root and start the container in it."""
        root = place / "root"
        root.mkdir()
        yield "mount --make-rprivate /"
        yield f"mount -t tmpfs -o mode=0755 none {root}"
        for path in SYSTEM:
            if os.path.isdir(path):
                yield _bind(path, f"{root}{path}")
        for path in {PREFIX, os.path.realpath(sys.base_prefix)}:
            if not path.startswith("/usr"):
                yield _bind(path, f"{root}{path}")
        yield _bind(str(PROJECT), f"{root}{WORK}")
        yield f"mkdir -p {root}/tmp {root}{SERVICE_ACCOUNT} {root}/kfp {root}/var"
        yield f"chmod 1777 {root}/tmp"
        yield f"ln -s /run {root}/var/run"
        yield _bind(str(outputs), f"{root}/tmp/outputs")
        yield f"cp {shlex.quote(str(self.account))}/* {root}{SERVICE_ACCOUNT}/"
        yield _bind_file(self.hosts, f"{root}/etc/hosts")
        yield _bind_file(place / "termination-log", f"{root}{TERMINATION_LOG}")
        for name, path in (
            ("driver", self.programs.driver),
            ("launcher-v2", self.programs.launcher),
        ):
            yield _bind_file(path, f"{root}/kfp/{name}")
        yield from self._volumes(pod["spec"], place, root)
        for container in pod["spec"].get("initContainers") or []:
            command = shlex.join(container["command"] + container.get("args", []))
            yield f"/usr/sbin/chroot {root} env PATH=/kfp:/usr/bin:/bin {command}"
        user = "" if "/kfp/" in _command(pod["spec"])[0] else f"--userspec={USER}"
        yield f'exec /usr/sbin/chroot {user} {root} env --chdir={WORK} "$@"'

    def _volumes(self, spec: Object, place: Path, root: Path) -> Iterator[str]:
        volumes = {volume["name"]: volume for volume in spec.get("volumes") or []}
        for mount in _main(spec).get("volumeMounts") or []:
            volume, target = volumes[mount["name"]], shlex.quote(f"{root}{mount['mountPath']}")
            if "persistentVolumeClaim" in volume:
                claim = self.claims[volume["persistentVolumeClaim"]["claimName"]]
                yield _bind(str(claim), f"{root}{mount['mountPath']}")
            elif "secret" in volume:
                files = place / f"secret-{mount['name']}"
                files.mkdir()
                for key, value in self._secret(volume["secret"]["secretName"]).items():
                    (files / key).write_text(value)
                yield _bind(str(files), f"{root}{mount['mountPath']}")
            else:
                yield f"mkdir -p -m 0777 {target}; chmod 0777 {target}"


def _main(spec: Object) -> Object:
    return next(one for one in spec["containers"] if one["name"] == "main")


def _command(spec: Object) -> list[str]:
    """Returns command and arguments; the driver is where its image has it."""
    main = _main(spec)
    command = [*main["command"], *main.get("args", [])]
    return ["/kfp/driver", *command[1:]] if command[0] == "driver" else command


def _expand(text: str, environment: Mapping[str, Any]) -> str:
    """Replaces $(NAME) as Kubernetes does: unknown names stay, $$ is $."""
    pattern = r"\$\$|\$\(([-._a-zA-Z0-9]+)\)"
    return re.sub(
        pattern,
        lambda m: "$" if m[0] == "$$" else str(environment.get(m[1], m[0])),
        text,
    )


def _bind(source: str, target: str) -> str:
    source, target = shlex.quote(source), shlex.quote(target)
    return f"mkdir -p {target}; mount --rbind {source} {target}"


def _bind_file(source: Path, target: str) -> str:
    inside = shlex.quote(target)
    return f"[ -e {inside} ] || touch {inside}; mount --bind {shlex.quote(str(source))} {inside}"
