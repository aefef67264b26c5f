// nginx configurations: the alternatives to the gate.

import { fileURLToPath } from 'node:url';
import { withFillers } from './gate_sites.mjs';
import { SECRET } from './jwt.mjs';

const MODULES = process.env.NGINX_MODULES || '/usr/lib/nginx/modules';
const OTHERS = fileURLToPath(new URL('../others', import.meta.url));

// `address` and `path` name the server that decides on each request.
export const authRequest = (address, path) => ({
  http: () => `upstream auth { server ${address}; keepalive 64; }`,
  server: () => withFillers(`
    location = /a { auth_request /_auth; empty_gif; }
    location = /_auth {
        internal;
        proxy_pass              http://auth${path};
        # auth_request reads no body: an answer that has one would cost the connection.
        proxy_method            HEAD;
        proxy_http_version      1.1;
        proxy_set_header        Connection "";
        proxy_pass_request_body off;
        proxy_set_header        Content-Length "";
    }`),
});

export const lua = () => ({
  modules: [`${MODULES}/ndk_http_module.so`, `${MODULES}/ngx_http_lua_module.so`],
  env: { BENCH_SECRET: SECRET },
  http: () => `lua_package_path "${OTHERS}/?.lua;/usr/share/lua/5.1/?.lua;;";
    init_by_lua_block { jwt = require "jwt" }`,
  server: () => withFillers('location = /a { access_by_lua_block { jwt.check() } empty_gif; }'),
});

export const njs = () => ({
  modules: [`${MODULES}/ngx_http_js_module.so`],
  env: { BENCH_SECRET: SECRET },
  http: () => `js_import jwt from ${OTHERS}/jwt_njs.js;
    js_set $jwt_ok jwt.check;`,
  server: () => withFillers('location = /a { if ($jwt_ok = 0) { return 401; } empty_gif; }'),
});

// An application behind the measured worker, which also answers auth_request subrequests with 200.
export const application = () => ({
  server: () => `
    location = /p   { empty_gif; }
    location = /yes { return 204; }`,
});

export const toApplication = (address) => ({
  http: `upstream app { server ${address}; keepalive 64; }`,
  location: 'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";',
});

export function proxied(address) {
  const { http, location } = toApplication(address);
  return { http: () => http, server: () => withFillers(`location = /p { ${location} }`) };
}
