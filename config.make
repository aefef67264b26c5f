# Adds a target to nginx's makefile. CMake is run by it, when configure has written the headers.

cat << END                                                    >> $NGX_MAKEFILE

modules:	ngx_http_auth_gate_module

ngx_http_auth_gate_module:
	cmake -S "$ngx_addon_dir" -B "$PWD/$NGX_OBJS/auth_gate" -DAUTH_GATE_TESTS=OFF \\
		-DNGINX_SOURCE_DIR="$PWD" -DNGINX_BUILD_DIR="$PWD/$NGX_OBJS"
	cmake --build "$PWD/$NGX_OBJS/auth_gate" --parallel
	cp "$PWD/$NGX_OBJS/auth_gate/ngx_http_auth_gate_module.so" "$NGX_OBJS/"

.PHONY:	ngx_http_auth_gate_module

END
