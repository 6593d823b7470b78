#!/bin/sh
# Creates .venv with the exact packages of the stack that fits this system: `make venv`.
#
#   make_venv.sh bench       adds what benchmarks/ needs besides
#   make_venv.sh peers       sets up .venv-peers: libraries of other recommenders, which do not go
#                            with TFX's packages (benchmarks/ measures them in processes of their own)
#   PYTHON=/path/to/python   use this interpreter instead of looking for one
#   VENV=folder              another folder than .venv
#
# The stamp with the checksum of the lock is written last: a set-up that was stopped half-way is
# begun again by the next call, and a call that finds the right stamp has nothing to do.
set -eu
cd "$(dirname "$0")/.."
. requirements/common.sh

pythons_of() { # pythons_of STACK: its Python versions, the preferred one first
    case $1 in current) echo 3.13 3.12 3.11 ;; compatible) echo 3.10 ;; esac
}

real_python() { # real_python COMMAND VERSION: prints its path if it is that CPython and works
    # pyenv's shims exist for versions that are not active, and fail: so ask.
    "$1" -c 'import sys
if "%d.%d" % sys.version_info[:2] != sys.argv[1] or sys.implementation.name != "cpython":
    sys.exit(1)
print(sys.executable)' "$2" 2>/dev/null
}

first_that_is() { # first_that_is VERSION COMMAND…: sets $python to the first that works
    version=$1
    shift
    for command in "$@"; do
        if python=$(real_python "$command" "$version"); then return 0; fi
    done
    return 1
}

find_python() { # find_python VERSION…: sets $python from $PYTHON, or PATH, or pyenv's folders
    for version in "$@"; do
        if [ -n "${PYTHON:-}" ]; then
            first_that_is "$version" "$PYTHON" && return
        else
            # A pattern that matches nothing stays as it is: a command that does not exist.
            first_that_is "$version" "python$version" python3 python \
                "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python \
                "$HOME/.pyenv/versions/$version".*/bin/python && return
        fi
    done
    return 1
}

find_python_with_uv() { # find_python_with_uv VERSION…: one that uv knows of, or can download
    for version in "$@"; do
        if python=$("$uv" python find --no-python-downloads "$version" 2>/dev/null); then return; fi
    done
    say "No Python $* found: asking uv to download Python $1 …"
    "$uv" python install --quiet "$1" >.uv/python.log 2>&1 || true
    python=$("$uv" python find --no-python-downloads "$1" 2>/dev/null) ||
        fail "no Python $(echo "$*" | sed 's/ /, /g') (glibc $glibc needs it), and uv could not" \
            "download it (.uv/python.log): install Python $1, e.g. with pyenv, or set PYTHON=/path"
}

choose_python() { # choose_python STACK: sets $python and $uv
    # shellcheck disable=SC2046 # the versions are words
    set -- $(pythons_of "$1")
    if find_python "$@"; then
        find_uv "$python"
    elif [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON is not a working Python $(echo "$*" | sed 's/ / or /g')"
    else
        find_uv python3
        find_python_with_uv "$@"
    fi
}

use_pips_settings() { # uv reads no settings of pip: hand over the index and the certificates
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] && [ -n "${PIP_INDEX_URL:-}" ]; then
        export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
    fi
    if [ -z "${SSL_CERT_FILE:-}" ] && [ -n "${PIP_CERT:-}" ]; then
        export SSL_CERT_FILE="$PIP_CERT"
    fi
    export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}"
}

add_stand_ins() { # add_stand_ins STACK: our modules that replace packages without a wheel
    for module in requirements/"$1"/*.py; do
        if [ -f "$module" ]; then cp "$module" "$VENV"/lib/python3*/site-packages/; fi
    done
}

install_lock() { # install_lock NAME VERB [OPTION…]: exactly what is in that lock
    # Byte code is compiled: without it, importing TFX takes 55 s instead of 17 s. uv itself does
    # not ask PYTHONDONTWRITEBYTECODE, but what it starts may.
    name=$1
    shift
    quiet=--quiet
    if [ -t 2 ]; then quiet=; fi # a terminal gets uv's progress bars
    env -u PYTHONDONTWRITEBYTECODE -u VIRTUAL_ENV -u PYTHONPATH \
        "$uv" pip "$@" "requirements/$name.txt" $quiet --python "$VENV/bin/python" \
        --require-hashes --build-constraints requirements/build.txt --compile-bytecode ||
        fail "installing requirements/$name.txt failed (see above); run it again to go on"
    checksum "$name" >"$STAMP$name"
}

create_venv() { # create_venv LOCK: an empty one
    choose_python "$stack"
    say "Setting up $VENV: stack '$stack' (glibc $glibc), $("$python" --version)," \
        "$(grep -c == "requirements/$1.txt") packages. A few minutes, once."
    rm -rf "$VENV"
    "$uv" venv --quiet --python "$python" "$VENV" || fail "uv could not create $VENV with $python"
}

make_venv() { # make_venv LOCK
    if [ -x "$VENV/bin/python" ] && [ -f "$STAMP$1" ] && [ -z "${PYTHON:-}" ]; then
        say "Bringing $VENV up to date with requirements/$1.txt."
        find_uv "$VENV/bin/python"
    else
        create_venv "$1" # also where an earlier set-up was stopped half-way: it left no stamp
    fi
    rm -f "$STAMP"*
    add_stand_ins "$1"
    install_lock "$1" sync # and nothing else stays
    say "$VENV is ready."
}

add_lock() { # add_lock NAME: into the .venv that is there
    find_uv "$VENV/bin/python"
    install_lock "$1" install --no-deps --requirement
}

checksum() { # checksum NAME: of all that decides what installing that lock gives
    cat "requirements/$1.txt" requirements/build.txt requirements/"${1##*-}"/*.py 2>/dev/null | cksum
}

is_made() { # is_made NAME
    [ -x "$VENV/bin/python" ] && [ "$(cat "$STAMP$1" 2>/dev/null)" = "$(checksum "$1")" ]
}

wait_for_others() { # one set-up at a time; the lock ends with this process, however it ends
    mkdir -p .uv
    if command -v flock >/dev/null; then
        exec 9>.uv/lock
        flock 9
    fi
}

glibc=$(glibc_version)
stack=$(stack_for_glibc "$glibc")
case ${1:-} in
peers) VENV=${VENV:-.venv-peers} base=peers-$stack extra= ;;
*) VENV=${VENV:-.venv} base=$stack extra=${1:+$1-$stack} ;; # e.g. bench-current
esac
STAMP=$VENV/.made-from- # + name of the lock
if is_made "$base" && { [ -z "$extra" ] || is_made "$extra"; }; then exit 0; fi

if [ -z "$glibc" ] || [ "$(uname -sm)" != "Linux x86_64" ]; then
    fail "TFX has packages for Linux on x86_64 with glibc only; this is $(uname -sm)"
fi
[ -z "$extra" ] || [ -f "requirements/$extra.txt" ] || fail "no such addition: $1 (there are: bench, peers)"
wait_for_others
use_pips_settings
is_made "$base" || make_venv "$base"
if [ -n "$extra" ] && ! is_made "$extra"; then add_lock "$extra"; fi
