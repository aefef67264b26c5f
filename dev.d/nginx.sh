# Another nginx than the machine's: built from a source tree, for `./dev test --nginx DIR`.

. ./dev.d/common.sh

# What the suites' configurations use beyond nginx's defaults.
OTHER_NGINX_OPTIONS=(--with-compat --with-debug --with-threads --with-http_ssl_module --with-http_v2_module
    --with-http_realip_module --with-http_auth_request_module --with-http_sub_module --with-http_addition_module
    --with-http_gunzip_module --with-http_gzip_static_module --with-http_slice_module --with-http_secure_link_module
    --with-http_stub_status_module --with-http_dav_module --with-http_random_index_module --with-stream)

# build_other_nginx <source tree>: a release or a checkout. Sets NGINX, NGINX_TREE (a configured copy) and NGINX_VERSION.
build_other_nginx() {
    [ -f "$1/src/core/nginx.h" ] || die "$1 holds no nginx sources"
    local source
    source=$(cd "$1" && pwd)
    NGINX_VERSION=$(sed -n 's/^#define NGINX_VERSION *"\(.*\)"/\1/p' "$source/src/core/nginx.h")
    NGINX_TREE=$PWD/build-nginx-$NGINX_VERSION/source
    NGINX=$NGINX_TREE/objs/nginx
    need gcc make libpcre2-dev zlib1g-dev libssl-dev
    if [ ! -x "$NGINX" ] || [ -n "$(find "$source/src" -newer "$NGINX" -type f -print -quit)" ]; then
        say "Building nginx $NGINX_VERSION"
        rm -rf "$NGINX_TREE"
        mkdir -p "$NGINX_TREE"
        tar -C "$source" --exclude=./objs --exclude=./.git -cf - . | tar -C "$NGINX_TREE" -xf -
        local configure=./configure
        [ -x "$NGINX_TREE/configure" ] || configure=auto/configure
        (
            cd "$NGINX_TREE"
            quietly ../configure.log "$configure" "${OTHER_NGINX_OPTIONS[@]}"
            quietly ../make.log make -j"$(nproc)"
        )
    fi
}
