# What all verbs share: saying what happens, and installing what is missing.

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf 'dev: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "need root or sudo for: $*"
    fi
}

has_package() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs the Debian packages that are not there. An argument "command:package" asks for the command.
need() {
    local missing=() what
    for what in "$@"; do
        case "$what" in
            *:*) command -v "${what%%:*}" >/dev/null || missing+=("${what#*:}") ;;
            *) has_package "$what" || missing+=("$what") ;;
        esac
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    command -v apt-get >/dev/null || die "please install: ${missing[*]}"
    say "Installing ${missing[*]}"
    local policy=/usr/sbin/policy-rc.d made=
    # A fresh nginx package would start nginx on port 80; nobody asked for that.
    if [ ! -e $policy ]; then
        made=1
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
    fi
    local failed=
    {
        as_root apt-get update -q &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    } >&2 || failed=1
    [ -z "$made" ] || as_root rm -f $policy
    [ -z "$failed" ] || die "installing failed: ${missing[*]}"
}

# Runs a command with its output in a file, which is shown when it fails.
quietly() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 || { cat "$log" >&2; die "failed: $*"; }
}

find_nginx() {
    NGINX=${NGINX:-$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v nginx || true)}
    [ -n "$NGINX" ] || die "no nginx found"
}
