# Another Debian release than the machine's, for `./dev test --debian RELEASE`: with its nginx, compiler and libraries.

. ./dev.d/common.sh

# run_in_debian <release> <a verb of ./dev and its arguments>...
run_in_debian() {
    local release=$1 root=$PWD/build-debian/$1
    shift
    [[ $release =~ ^[a-z]+$ ]] || die "test --debian takes the name of a release, such as trixie"
    [ "$(id -u)" = 0 ] || die "test --debian needs root, for chroot"
    need debootstrap:debootstrap git:git
    if [ ! -e "$root/.complete" ]; then
        say "Installing Debian $release in build-debian"
        rm -rf "$root"
        mkdir -p "${root%/*}"
        quietly "$root.log" debootstrap --variant=minbase --include=ca-certificates,git,procps "$release" "$root" http://deb.debian.org/debian
        touch "$root/.complete"
    fi
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    # A proxy of this machine's network may have a certificate of its own.
    [ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    mkdir -p "$root/work/main"
    git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -C "$root/work/main" -xf -
    say "In Debian $release: ./dev $*"
    # The mounts end with the namespace, however this ends.
    unshare --mount --pid --fork --kill-child bash -euc '
        root=$1
        shift
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount --rbind /sys "$root/sys"
        exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
            NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            bash -euc "cd /work/main && exec ./dev \"\$@\"" dev "$@"
    ' debian "$root" "$@"
}
