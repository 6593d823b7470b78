"""Executes the Dockerfile's steps in a Debian root, where no container engine runs.

    python requirements/run_dockerfile.py ROOT WORK [--env NAME=VALUE] [--bind FROM:TO]
        [--versions runs/serving_model/movielens]

ROOT is a Debian root with Python (debootstrap), left as it is: each stage is an overlay on it in
WORK. Knows FROM, ARG, ENV, COPY, RUN, WORKDIR, USER and ENTRYPOINT; needs root. With a folder of
pushed versions the server's stage serves them, with a root that is mounted read-only. Prints the
size of what each stage adds. What it cannot show: the base image, layers, the engine's own rules.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def instructions(text: str) -> list[tuple[str, str]]:
    """Returns (instruction, arguments), continued lines joined, comments dropped."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip())
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]


def context_files(source: str) -> list[Path]:
    """Returns what of the build context a COPY means, after .dockerignore."""
    rules = (REPOSITORY / ".dockerignore").read_text().split()
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    if not any(source == name or source.startswith(f"{name}/") for name in allowed):
        raise SystemExit(f"COPY {source}: .dockerignore leaves it out")
    path = REPOSITORY / source
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return [file for file in files if "__pycache__" not in file.parts]


class Stage:
    """One stage: an overlay that commands are run in."""

    def __init__(self, layers: list[Path], work: Path, binds: list[str]) -> None:
        """Mounts the stage over `layers`, the uppermost first."""
        self.upper, self.path = work / "upper", work / "merged"
        for folder in (self.upper, self.path, work / "scratch"):
            folder.mkdir(parents=True)
        self.layers = [self.upper, *layers]
        lower = ":".join(map(str, layers))
        options = f"lowerdir={lower},upperdir={self.upper},workdir={work / 'scratch'}"
        call("mount", "-t", "overlay", "overlay", "-o", options, str(self.path))
        call("mount", "-t", "proc", "proc", str(self.path / "proc"))
        call("mount", "--bind", "/dev", str(self.path / "dev"))
        self.binds = [self.path / "proc", self.path / "dev"]
        for pair in binds:
            source, _, target_folder = pair.partition(":")
            target = self.path / target_folder.lstrip("/")
            target.mkdir(parents=True, exist_ok=True)
            call("mount", "--bind", source, str(target))
            self.binds.append(target)
        shutil.copy("/etc/resolv.conf", self.path / "etc" / "resolv.conf")
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root"}
        self.workdir, self.user = "/", "0:0"

    def run(self, command: str) -> None:
        """Runs a shell command as the stage's user."""
        inner = f"cd {self.workdir} && {command}"
        env = [f"{key}={value}" for key, value in self.env.items()]
        start = time.monotonic()
        chroot = ["chroot", f"--userspec={self.user}", str(self.path)]
        call(*chroot, "env", "-i", *env, "sh", "-ec", inner)
        print(f"  {time.monotonic() - start:6.1f} s  RUN {command[:70]}", flush=True)

    def target(self, path: str) -> Path:
        """Returns where a path of the stage is on this machine."""
        full = path if path.startswith("/") else f"{self.workdir.rstrip('/')}/{path}"
        return self.path / full.lstrip("/")

    def close(self) -> None:
        """Unmounts everything."""
        for folder in [*reversed(self.binds), self.path]:
            call("umount", str(folder))


def call(*command: str) -> None:
    """Runs a program."""
    subprocess.run(command, check=True)


def copy(stage: Stage, stages: dict[str, Stage], arguments: str) -> None:
    """Executes COPY."""
    words = shlex.split(arguments)
    if words[0].startswith("--from="):
        source = stages[words[0].partition("=")[2]].target(words[1])
        call("cp", "-a", str(source), str(stage.target(words[2])))
        return
    *sources, destination = words
    for name in sources:
        for file in context_files(name):
            base = REPOSITORY / name if (REPOSITORY / name).is_dir() else file.parent
            target = stage.target(destination) / file.relative_to(base)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def build(arguments: argparse.Namespace, stages: dict[str, Stage]) -> None:
    """Executes all steps; puts the stages into `stages` by name, the last as «final»."""
    env = dict(pair.split("=", 1) for pair in arguments.env)
    passed = {name: os.environ[name] for name in arguments.pass_env if name in os.environ}
    stage: Stage | None = None
    for word, rest in instructions((REPOSITORY / "Dockerfile").read_text()):
        if word == "FROM":
            named = re.search(r" AS (\w+)$", rest)
            name = named[1] if named else "final"
            print(f"stage {name}", flush=True)
            base = stages.get(rest.split()[0])
            stage = stages[name] = Stage(
                base.layers if base else [arguments.root],
                arguments.work / name,
                arguments.bind if named else [],
            )
            stage.env.update(base.env if base else {})
            stage.env.update(passed if named else {})
        elif word == "RUN" and stage:
            stage.run(rest)
        elif word == "COPY" and stage:
            copy(stage, stages, rest)
        elif word == "ENV" and stage:
            pairs = (pair.partition("=") for pair in shlex.split(rest))
            stage.env.update({name: value for name, _, value in pairs})
            stage.env.update({key: env[key] for key in env if key in stage.env})
        elif word == "WORKDIR" and stage:
            stage.workdir = rest
            stage.target(rest).mkdir(parents=True, exist_ok=True)
        elif word == "USER" and stage:
            stage.user = rest
        elif word not in ("ARG", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK"):
            raise SystemExit(f"unknown instruction {word}")


_SERVE = """
python -m serving --versions /models --name model --set port={port} & server=$!
for second in $(seq 60); do
    sleep 1
    if SERVING_PORT={port} python -m serving.check_health; then break; fi
done
python - <<'END'
import json, urllib.request
url = "http://127.0.0.1:{port}/readyz"
print("ready:", json.load(urllib.request.urlopen(url, timeout=10)))
END
kill -TERM $server
wait $server
"""
_PORT = 18501


def check_image(image: Stage) -> None:
    """Asks what is started in the image for its help."""
    image.run("python -m pipeline.kubeflow.step.entrypoint --help >/dev/null && id -u")
    image.run("/opt/apache/beam/boot --help >/dev/null")
    image.run("python -c 'import tfx.v1, tensorflow as tf; assert tf.reduce_sum(tf.ones(3)) == 3'")
    image.run("! touch /app/x 2>/dev/null && touch /minio/x && rm /minio/x")


def check_server(server: Stage, versions: Path | None) -> None:
    """Starts the server on pushed versions, if given; all but /tmp is read-only then."""
    server.run("id -u && python -m serving --help >/dev/null")
    if versions is None:
        return
    models = server.target("/models")
    models.mkdir(exist_ok=True)
    call("mount", "--bind", str(versions.resolve()), str(models))
    server.binds.append(models)
    call("mount", "-t", "tmpfs", "tmpfs", str(server.target("/tmp")))
    server.binds.append(server.target("/tmp"))
    call("mount", "-o", "remount,ro", str(server.path))
    server.run("! touch /x /app/x 2>/dev/null")
    server.run(_SERVE.format(port=_PORT))


def main() -> None:
    """Builds, checks what was built, prints sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--env", action="append", default=[], help="overrides an ENV")
    parser.add_argument("--bind", action="append", default=[], help="in stages but the last")
    parser.add_argument("--pass-env", action="append", default=[], help="of this process, likewise")
    parser.add_argument("--versions", type=Path, help="folder of pushed versions to serve")
    arguments = parser.parse_args()
    stages: dict[str, Stage] = {}
    try:
        build(arguments, stages)
        check_image(stages["final"])
        check_server(stages["server"], arguments.versions)
    finally:
        for name, stage in stages.items():
            size = subprocess.run(
                ["du", "-sm", str(stage.upper)], capture_output=True, text=True, check=True
            )
            print(f"stage {name} adds {size.stdout.split()[0]} MB", flush=True)
            stage.close()


if __name__ == "__main__":
    main()
