// Runs the commands below "Check" in the application's page, and compares what they print with the comments behind them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const MARK = '@@@';

function commandsOf(name) {
  const [, block] = /^## Check\n+```sh\n([^]*?)^```$/m.exec(readFileSync(`docs/apps/${name}.md`, 'utf8'));
  return block.replace(/\\\n\s*/g, '').trim().split('\n').map((line) => {
    const [, command, comment] = /^(.*?)(?:\s+# (.*))?$/.exec(line);
    return { command, comment };
  });
}

// What is behind a "#": a status line, JSON, a code or a number; "the same" as before; otherwise whatever is no error.
function compare(said, comment, before) {
  const [exact] = /\{.*\}|MFA_REQUIRED|^\d+$/.exec(comment) ?? [];
  const [status] = /^\d{3}(?=[:,]|$)/.exec(comment) ?? [];
  if (status) assert.match(said, new RegExp(`^HTTP/1.1 ${status} `), comment);
  else if (/^\d+$/.test(comment)) assert.equal(said, comment);
  else if (exact) assert.ok(said.includes(exact), `${comment}: ${said}`);
  else if (comment === 'the same') assert.equal(said, before);
  else assert.match(said, /^(?!.*"error)[^]+$/, comment);
}

// `people` have JWTs. Afterwards the policy is off.
export async function check(site, people) {
  const commands = commandsOf(site.name);
  const script = commands.flatMap(({ command }) => [command, `echo; echo '${MARK}'`]).join('\n')
    .replace(/^site=.*/m, `site=${site.url}`)
    .replaceAll('"…"', `"${site.passwords.alice}"`)
    .replaceAll('/var/log/nginx/', `${site.dir}/`);
  const env = { ...process.env, admin: people.admin, file: site.app.file.path(site).split('/').pop() };
  const { stdout } = await promisify(execFile)('bash', ['-c', `${script}\necho "$token"; echo "$jwt"`], { env, timeout: 60_000 });
  const said = stdout.split(`${MARK}\n`).map((text) => text.trim());
  const [token, jwt] = said.pop().split('\n');
  site.tokens.push(token);
  site.jwts.push(jwt);
  for (const [i, { comment }] of commands.entries()) if (comment) compare(said[i], comment, said[i - 1]);
  await site.ask('PUT', '/gate/settings', { jwt: people.admin, json: { require_mfa: false } });
}
