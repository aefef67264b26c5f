# The example application's npm packages.

install_example() {
    need node:nodejs npm:npm
    # npm writes it last: without it an installation was interrupted.
    local installed=example/node_modules/.package-lock.json
    if [ ! -f $installed ] || [ example/package-lock.json -nt $installed ]; then
        say "Installing the example's npm packages"
        npm --prefix example ci --no-audit --no-fund >&2
        touch $installed
    fi
}
