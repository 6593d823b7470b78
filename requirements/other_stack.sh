#!/bin/sh
# Runs the tests on the stack that this system does not have: `make test-other-stack`.
#
# On a system with an older glibc than 2.39 that is `current`, in a Debian 13 root; on a newer one
# it is `compatible`, in a Debian 12 root. debootstrap makes the root, once; the last commit is
# cloned into it; `make test` there does the rest, set-up included, as on a fresh machine.
# Needs root, debootstrap and a network that reaches Debian's packages and PyPI.
#
#   other_stack.sh [option of pytest…]
#   ROOTS=folder           where the roots are kept (default: a folder in the user's cache)
#   DEBIAN_MIRROR=address  for debootstrap, instead of its own choice
#   MOVIELENS_ROOT=folder  real data for the tests, as in make test
#   OTHER_COMMAND='…'      another command than make test
set -eu
cd "$(dirname "$0")/.."
. requirements/common.sh

ROOTS=${ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/two-tower-roots}
PACKAGES=ca-certificates,git,make,python3,python3-venv

debian_of() { # debian_of STACK: the suite that has it
    case $1 in current) echo trixie ;; compatible) echo bookworm ;; esac
}

check_tools() {
    [ "$(id -u)" = 0 ] || fail "make test-other-stack needs root: it runs debootstrap and chroot"
    for tool in debootstrap unshare git; do
        command -v "$tool" >/dev/null ||
            fail "make test-other-stack needs $tool (apt-get install debootstrap util-linux git)"
    done
}

make_root() { # make_root SUITE: $root, complete or not at all
    if [ -d "$root" ]; then return; fi
    say "Making a root of Debian $1 in $root …"
    rm -rf "$root.new"
    mkdir -p "$ROOTS"
    debootstrap --variant=minbase --include=$PACKAGES "$1" "$root.new" \
        ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$root.log" 2>&1 ||
        fail "debootstrap failed: $(tail -n 1 "$root.log") ($root.log)"
    mv "$root.new" "$root"
}

copy_in() { # copy_in PATH…: this machine's file or folder to the same place in the root
    for path in "$@"; do
        if [ -f "$path" ]; then
            mkdir -p "$root$(dirname "$path")"
            cp -L "$path" "$root$path"
        elif [ -d "$path" ] && [ ! -e "$root$path" ]; then
            mkdir -p "$root$path"
            cp -RL "$path/." "$root$path"
        fi
    done
}

forwarded() { # prints NAME=value for what the caller has set about networks and installers
    env | grep -E '^((PIP|UV|SSL|REQUESTS|CURL|GIT_SSL)_[A-Z0-9_]+|[A-Za-z]+_(proxy|PROXY))=' |
        grep -vE '^UV_(CACHE|PYTHON|PROJECT|TOOL)[A-Z_]*=' || true
}

copy_network_settings() { # name servers, certificates, and the files that settings point to
    copy_in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt
    copy_in /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf" \
        /etc/uv/uv.toml "$HOME/.config/uv/uv.toml"
    forwarded | cut -d= -f2- | while read -r value; do
        case $value in /*) copy_in "$value" ;; esac
    done
}

clone_into_root() { # a clean copy of the last commit; an earlier .venv and uv stay
    rm -rf "$root/work/new"
    git clone --quiet --no-hardlinks . "$root/work/new"
    for kept in .venv .uv; do
        if [ -e "$root/work/project/$kept" ]; then
            mv "$root/work/project/$kept" "$root/work/new/$kept"
        fi
    done
    rm -rf "$root/work/project"
    mv "$root/work/new" "$root/work/project"
}

run_in_root() { # run_in_root COMMAND [ARGUMENT…]: in the project's folder; mounts end with it
    set -- env -i HOME="$HOME" LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ${MOVIELENS_ROOT:+MOVIELENS_ROOT=/work/movielens} ${CI:+CI="$CI"} "$@"
    (umask 077 && forwarded >"$root/work/environment") # may hold a password of an index
    mkdir -p "$root/work/movielens" "$root$HOME"
    # shellcheck disable=SC2016 # the inner shells expand these
    ROOT=$root DATA=${MOVIELENS_ROOT:-} unshare --mount --pid --fork --kill-child sh -euc '
        mount -t proc proc "$ROOT/proc"
        mount --rbind /dev "$ROOT/dev"
        if [ -n "$DATA" ]; then mount --bind "$DATA" "$ROOT/work/movielens"; fi
        exec chroot "$ROOT" "$@"' sh \
        "$@"
}

in_project() { # the shell command that run_in_root starts: settings first, then what was asked
    cat <<'INNER'
cd /work/project
while IFS= read -r line; do export "$line"; done </work/environment
exec "$@"
INNER
}

check_tools
case $(stack_for_glibc "$(glibc_version)") in
current) stack=compatible ;;
*) stack=current ;;
esac
suite=$(debian_of "$stack")
root=$ROOTS/$suite
make_root "$suite"
copy_network_settings
clone_into_root
say "Stack '$stack' in Debian $suite: ${OTHER_COMMAND:-make test} $*"
if [ -n "${OTHER_COMMAND:-}" ]; then
    # shellcheck disable=SC2086 # a command and its arguments
    run_in_root sh -euc "$(in_project)" sh $OTHER_COMMAND
else
    run_in_root sh -euc "$(in_project)" sh make test "ARGS=$*"
fi
