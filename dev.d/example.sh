# The example application's npm packages.

install_example() {
    need node:nodejs npm:npm
    if [ ! -d example/node_modules ] || [ example/package-lock.json -nt example/node_modules ]; then
        say "Installing the example's npm packages"
        npm --prefix example ci --no-audit --no-fund >&2
        touch example/node_modules
    fi
}
