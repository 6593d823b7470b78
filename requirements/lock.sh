#!/bin/sh
# Writes the lock files again from the *.in files: `make lock`.
#
#   compatible.txt    for Python 3.10
#   current.txt       for Python 3.11, 3.12 and 3.13; what only some of them need has a marker
#   bench-<stack>.txt what benchmarks/ needs besides
#   peers-<stack>.txt an environment of its own with other recommenders, for benchmarks/
#   server.txt        the server alone, with the versions of current.txt, for its image
#   uv.txt            the installer itself
#   build.txt         what the few packages without a wheel are built with
#
# The locks hold names, versions, markers and hashes: no addresses and no paths. What is locked
# already keeps its version, unless options say otherwise:
#   make lock ARGS="--upgrade"   or   make lock ARGS="--upgrade-package rich"
set -eu
cd "$(dirname "$0")/.."
. requirements/common.sh

LOCKS="uv build compatible current bench-compatible bench-current"
LOCKS="$LOCKS peers-compatible peers-current server"

compile() { # compile NAME [option…]: $scratch/NAME.txt from $scratch/NAME.in
    name=$1
    shift
    say "resolving $name …"
    (cd "$scratch" && "$uv" pip compile --quiet --no-header --no-annotate --generate-hashes \
        "$@" "$name.in" --output-file "$name.txt")
}

compile_for_several_pythons() { # compile_for_several_pythons NAME [option…]: 3.11 to 3.13
    compile "$@" --universal --python-version 3.11
    keep_only_python_markers <"$scratch/$1.txt" >"$scratch/$1.tmp"
    mv "$scratch/$1.tmp" "$scratch/$1.txt"
}

say_environments() { # what --universal resolves for; uv reads this from pyproject.toml only
    # Without it uv would also resolve for macOS, where tensorflow-recommenders asks for a
    # tensorflow-macos that does not exist.
    pythons="python_version < '3.14' and platform_python_implementation == 'CPython'"
    platforms="sys_platform == 'linux' and platform_machine == 'x86_64'"
    cat >"$scratch/pyproject.toml" <<TOML
[project]
name = "lock"
version = "0"
requires-python = ">=3.11,<3.14"
[tool.uv]
environments = ["$pythons and $platforms"]
TOML
}

keep_only_python_markers() { # stdin to stdout: drops what holds wherever the lock is used
    always="python_full_version < '3\.14'|sys_platform == 'linux'|platform_machine == 'x86_64'"
    always="$always|(platform_python_)?implementation(_name)? [!=]= '(CPython|PyPy)'"
    sed -E -e "s/ and ($always)//g" -e "s/ ; ($always) / /"
}

refuse_odd_lines() { # refuse_odd_lines FILE: anything but names, versions, Python markers, hashes
    line="[a-z0-9-]+==[0-9a-z.]+( ; python_full_version [<>=]+ '3[.0-9*]+')? \\\\"
    if grep -vnE "^($line|    --hash=sha256:[0-9a-f]{64}( \\\\)?)$" "$1"; then
        fail "${1##*/}: unexpected lines (above); the old locks are left as they are"
    fi
}

find_uv python3
case $uv in */*) uv=$PWD/$uv ;; esac
cd requirements
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp ./*.in ./*.txt ./*.overrides "$scratch"
say_environments

compile uv --python-version 3.10
compile build --python-version 3.10
for name in compatible bench-compatible; do
    compile "$name" --python-version 3.10 --python-platform x86_64-manylinux_2_31 \
        --overrides compatible.overrides "$@"
done
for name in current bench-current; do
    compile_for_several_pythons "$name" --overrides current.overrides "$@"
done
compile peers-compatible --python-version 3.10 --python-platform x86_64-manylinux_2_31 "$@"
compile_for_several_pythons peers-current "$@"
compile_for_several_pythons server "$@"

for name in $LOCKS; do refuse_odd_lines "$scratch/$name.txt"; done
for name in $LOCKS; do cat "$scratch/$name.txt" >"$name.txt"; done
