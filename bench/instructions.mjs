// Instructions per request, counted by callgrind: repeatable where times are not. See README.md.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection, requestText } from './lib/client.mjs';
import { bearer, gate, issueRequest, secureLink, secureLinkPath, unguarded } from './lib/gate_sites.mjs';
import { nginxVersion, startNginx } from './lib/nginx.mjs';
import { lua, njs } from './lib/other_sites.mjs';
import { makeFolder, outputOf } from './lib/scratch.mjs';

const CEILINGS = new URL('./instructions.json', import.meta.url);
// Other machines count about a hundred instructions more for the same module.
const limitOf = (ceiling) => Math.max(Math.floor(ceiling * 1.05), ceiling + 300);

// What a run with `many` requests costs more than one with `few` is the requests' own.
const FEW = 500;
const MANY = 2500;
const WARM_UP = 300;

// Each: the requests before those that are counted, and the counted ones.
const repeated = (request) => ({
  before: Array(WARM_UP).fill(requestText(request)),
  counted: () => requestText(request),
});
const neverSeen = (path) => ({
  // Of all users, so that the application has been asked about each of them.
  before: Array.from({ length: WARM_UP }, (_, n) => requestText({ path, headers: bearer(n) })),
  counted: (n) => requestText({ path, headers: bearer(WARM_UP + n) }),
});

// With `others`, also what a person would use instead.
function linesOf(module, others) {
  const ours = { ours: true, site: gate(module) };
  const plain = repeated({ path: '/a', headers: bearer(0) });
  return {
    unguarded: { site: unguarded(), ...plain },
    secure_link: { site: secureLink(), ...repeated({ path: secureLinkPath(), headers: bearer(0) }) },
    jwt_seen: { ...ours, target: 4700, ...plain },
    jwt_new: { ...ours, target: 15_000, ...neverSeen('/a') },
    jwt_seen_mfa: { ...ours, ...repeated({ path: '/m', headers: bearer(0) }) },
    jwt_new_mfa: { ...ours, ...neverSeen('/m') },
    issue: { ...ours, target: 5500, ...repeated(issueRequest(0)) },
    redeem: {
      ...ours,
      target: 5500,
      before: Array(MANY).fill(requestText(issueRequest(0))),
      counted: (n, answers) => requestText({ path: `/t?token=${JSON.parse(answers[n].body).token}` }),
    },
    ...(others && { lua: { site: lua(), ...plain }, njs: { site: njs(), ...plain } }),
  };
}

async function count(line, requests, keep) {
  const folder = makeFolder();
  const out = join(folder, 'callgrind.out');
  const nginx = await startNginx(line.site, {
    single: true,
    wrapper: ['setarch', '-R', 'valgrind', '-q', '--vgdb=no', '--tool=callgrind', `--callgrind-out-file=${out}`],
  });
  const connection = await Connection.open(nginx.port);
  const ask = async (text) => {
    const answer = await connection.request(text);
    if (answer.status !== 200) throw new Error(`answered with ${answer.status}\n${nginx.errorLog()}`);
    return answer;
  };
  const answers = [];
  for (const text of line.before) answers.push(await ask(text));
  for (let n = 0; n < requests; n += 1) await ask(line.counted(n, answers));
  connection.close();
  await nginx.stop();
  if (keep) copyFileSync(out, keep);
  return Number(/^(?:totals|summary): (\d+)/m.exec(readFileSync(out, 'utf8'))[1]);
}

async function measure(lines, keepIn) {
  const perRequest = {};
  for (const [name, line] of Object.entries(lines)) {
    const [few, many] = await Promise.all([
      count(line, FEW),
      count(line, MANY, keepIn && join(keepIn, `callgrind.${name}`)),
    ]);
    perRequest[name] = Math.round((many - few) / (MANY - FEW));
  }
  return perRequest;
}

function tableOf(lines, perRequest, recorded) {
  return Object.entries(lines).map(([name, line]) => {
    const added = perRequest[name] - perRequest.unguarded;
    const ceiling = recorded[name];
    const limit = ceiling === undefined ? undefined : limitOf(ceiling);
    return { name, instructions: perRequest[name], added, target: line.target, ours: line.ours, ceiling, limit,
      tooMany: limit !== undefined && added > limit };
  });
}

function print(rows) {
  const cell = (value) => (value === undefined ? '-' : String(value)).padStart(13);
  console.log(`${'per request'.padEnd(14)}${['instructions', 'added', 'target', 'ceiling', 'limit'].map(cell).join('')}`);
  for (const row of rows) {
    const guarded = row.name !== 'unguarded';
    console.log(row.name.padEnd(14)
      + [row.instructions, guarded ? row.added : undefined, row.target, row.ceiling, row.limit].map(cell).join('')
      + (row.tooMany ? '  TOO MANY' : ''));
  }
}

async function main() {
  const { values } = parseArgs({ options: {
    module: { type: 'string' }, line: { type: 'string', multiple: true }, keep: { type: 'string' }, others: { type: 'boolean' },
    check: { type: 'boolean' }, record: { type: 'boolean' }, json: { type: 'string' },
  } });
  const all = linesOf(values.module, values.others);
  const chosen = values.line && ['unguarded', ...values.line.filter((name) => name !== 'unguarded')];
  const lines = chosen ? Object.fromEntries(chosen.map((name) => [name, all[name]])) : all;
  if (values.keep) mkdirSync(values.keep, { recursive: true });

  const recorded = readRecorded();
  const perRequest = await measure(lines, values.keep);
  const rows = tableOf(lines, perRequest, recorded.added);
  print(rows);
  const versions = await versionsHere();
  console.log(`nginx ${versions.nginx}, ${versions.valgrind}; valgrind shows OpenSSL no SHA extensions, so SHA-256 is its AVX2 code`);

  if (values.json) writeFileSync(values.json, `${JSON.stringify({ versions, rows }, null, 2)}\n`);
  if (values.record) {
    const added = Object.fromEntries(rows.filter((row) => row.ours).map((row) => [row.name, row.added]));
    writeFileSync(CEILINGS, `${JSON.stringify({ versions, added: { ...recorded.added, ...added } }, null, 2)}\n`);
  }
  if (values.check) {
    const unknown = rows.filter((row) => row.ours && row.ceiling === undefined);
    for (const row of unknown) console.error(`${row.name} has no recorded ceiling: bench/instructions --record`);
    if (unknown.length > 0 || rows.some((row) => row.tooMany)) process.exitCode = 1;
  }
}

function readRecorded() {
  try {
    return JSON.parse(readFileSync(CEILINGS, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return { added: {} };
    throw error;
  }
}

async function versionsHere() {
  const openssl = await outputOf('openssl', ['version']);
  const valgrind = await outputOf('valgrind', ['--version']);
  return { nginx: await nginxVersion(), openssl: openssl.split(' ')[1], valgrind: valgrind.trim() };
}

await main();
