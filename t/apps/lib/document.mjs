// The configuration of a page in docs/apps: its nginx block, with the ports and folders of this run, and a
// second log in nginx's usual format.

import { readFileSync } from 'node:fs';

// The page's only block of nginx configuration. It belongs into nginx's http block.
export function blockOf(name) {
  const path = `docs/apps/${name}.md`;
  const blocks = [...readFileSync(path, 'utf8').matchAll(/^```nginx\n([^]*?)^```$/gm)].map((match) => match[1]);
  if (blocks.length !== 1) throw new Error(`${path} has ${blocks.length} blocks of nginx configuration, not one`);
  return blocks[0];
}

// places: {dir, port, appPort, module, user}
export function configuration(name, { dir, port, appPort, module, user }) {
  let block = blockOf(name);
  for (const [what, pattern, value] of [
    ['the port', /^( *listen )80;/m, `$1127.0.0.1:${port}; access_log ${dir}/combined.log combined;`],
    ['the application\'s address', /\b(server )127\.0\.0\.1:\d+;/, `$1127.0.0.1:${appPort};`],
    ['files in /etc/nginx', /\/etc\/nginx\//g, `${dir}/etc/`],
    ['the state directory', /\/var\/lib\/nginx\//g, `${dir}/`],
    ['the log', /\/var\/log\/nginx\//g, `${dir}/`],
  ]) {
    const changed = block.replace(pattern, value);
    if (changed === block) throw new Error(`docs/apps/${name}.md does not have ${what} as expected`);
    block = changed;
  }
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${dir}/${what};`);
  return `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log info;
load_module ${module};
${user}
worker_processes 2;
env LD_PRELOAD; env ASAN_OPTIONS; env UBSAN_OPTIONS;
events { worker_connections 1024; }
http {
    types { text/html html; text/plain txt; application/json json; application/javascript js; }
    ${temps.join(' ')}
${block}}
`;
}
