// nginx configurations: the unguarded location, nginx's own secure_link, and the gate.

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jwtNumber, SECRET } from './jwt.mjs';

// A site is { modules, env, http(folder), server(folder) }, the parts that differ between the nginx processes.

// Each server has the same number of locations, so that finding one takes the same time.
const PATHS = ['/_identity', '/a', '/issue', '/m', '/p', '/t'];

export const withFillers = (locations) => `${locations}
${PATHS.filter((path) => !locations.includes(`location = ${path} `)).map((path) => `    location = ${path} { empty_gif; }`).join('\n')}`;

export const unguarded = () => ({
  server: () => withFillers('location = /a { empty_gif; }'),
});

export const secureLink = () => ({
  server: () => withFillers(`
    location = /a {
        secure_link     $arg_md5,$arg_expires;
        secure_link_md5 "$secure_link_expires$uri ${SECRET}";
        if ($secure_link = "")  { return 403; }
        if ($secure_link = "0") { return 410; }
        empty_gif;
    }`),
});

export function secureLinkPath() {
  const expires = 4_102_444_800;
  const md5 = createHash('md5').update(`${expires}/a ${SECRET}`).digest('base64url');
  return `/a?md5=${md5}&expires=${expires}`;
}

// Every user has MFA, and the application is asked about each user once.
const IDENTITY = `
    auth_gate_identity /_identity id=id role=role mfa=mfa cache=1h;
    location = /_identity { internal; proxy_pass http://who_am_i; }`;

const whoAmI = (folder) => `
    upstream who_am_i { server unix:${folder}/who.sock; }
    map $http_authorization $user {
${Array.from({ length: 64 }, (_, n) => n).map((n) => `        ~\\.${beginOfPayload(1_000_000 + n)} ${1_000_000 + n};`).join('\n')}
    }
    server {
        listen unix:${folder}/who.sock;
        location / { return 200 '{"id":$user,"role":"user","mfa":true}'; }
    }`;

// Of the JWT that the gate signs: {"id":N,
function beginOfPayload(user) {
  return Buffer.from(`{"id":${user},`).toString('base64url').slice(0, 18);
}

// `app` is the result of `toApplication`.
export function gate(module, { zone = '16m', places = 60_000, app } = {}) {
  return {
    modules: [module],
    env: { BENCH_SECRET: SECRET },
    http: (folder) => {
      mkdirSync(join(folder, 'state'), { recursive: true });
      writeFileSync(join(folder, 'state/settings.json'), '{"require_mfa": true}');
      return `
    auth_gate_zone       zone=gate:${zone} tokens=${places} per_user=${places};
    auth_gate_secret     env:BENCH_SECRET;
    auth_gate_state_path ${folder}/state;
    auth_gate_purpose    download ttl=1h;
    ${app?.http ?? ''}
    ${whoAmI(folder)}`;
    },
    server: () => withFillers(`
    ${IDENTITY}
    location = /a     { auth_gate jwt; empty_gif; }
    location = /m     { auth_gate jwt; auth_gate_mfa policy; empty_gif; }
    location = /t     { auth_gate token=download; empty_gif; }
    location = /issue { auth_gate_issue download; }
    ${app ? `location = /p { auth_gate jwt; ${app.location} }` : ''}`),
  };
}

// One request for each alternative. The number makes requests differ where that matters.
export const bearer = (number) => ({ Authorization: `Bearer ${jwtNumber(number)}` });
export const issueRequest = (number) => ({ method: 'POST', path: '/issue', headers: { ...bearer(number), 'Content-Length': 0 } });
