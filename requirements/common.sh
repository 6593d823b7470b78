# shellcheck shell=sh
# Shell functions that make_venv.sh, lock.sh and other_stack.sh share. POSIX sh; to be sourced
# with the current directory at the top of the repository.

say() { printf '%s\n' "$*" >&2; }

fail() { # one line, no traceback: what is missing and what to install
    say "set-up: $*"
    exit 1
}

glibc_version() { # e.g. 2.36; empty where the C library is another one
    getconf GNU_LIBC_VERSION 2>/dev/null | sed -n 's/^glibc //p'
}

at_least() { # at_least 2.41 2.39: is version $1 the same as $2 or newer?
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

stack_for_glibc() { # stack_for_glibc VERSION: current | compatible
    # The wheels of TFX 1.17 and later are tagged manylinux_2_39.
    if at_least "${1:-0}" 2.39; then echo current; else echo compatible; fi
}

uv_works() { # uv_works COMMAND [VERSION]: does it run, and is it that version?
    version=$("$1" --version 2>/dev/null) || return 1
    case "$version " in "uv ${2:-}"*) return 0 ;; *) return 1 ;; esac
}

pip_install_uv() { # pip_install_uv PYTHON: into .uv/, by hash, in no Python's own folders
    rm -rf .uv/lib
    if "$1" -m pip --version >/dev/null 2>&1; then
        pip=$1
    elif "$1" -c 'import ensurepip' 2>/dev/null && "$1" -m venv .uv/pip >/dev/null 2>&1; then
        pip=.uv/pip/bin/python # Debian: python3-venv is there, python3-pip is not
    else
        return 2
    fi
    "$pip" -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
        --only-binary :all: --require-hashes --requirement requirements/uv.txt \
        --target .uv/lib >.uv/pip.log 2>&1
}

find_uv() { # find_uv PYTHON: sets $uv to the pinned uv: in .uv/, on PATH, or installed by pip
    pinned=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/uv.txt)
    for uv in .uv/lib/bin/uv uv; do
        if uv_works "$uv" "$pinned "; then return; fi
    done
    mkdir -p .uv
    found=0
    pip_install_uv "$1" || found=$?
    uv=.uv/lib/bin/uv
    if [ "$found" = 0 ] && uv_works "$uv"; then return; fi
    uv=uv
    if uv_works "$uv"; then return; fi # another version is better than none
    case $found in
    2) fail "no uv, and no python3 with pip to get it: install python3 and python3-venv (apt-get install python3-venv)" ;;
    *) fail "pip could not download uv $pinned (no network? see .uv/pip.log); or install uv yourself" ;;
    esac
}
