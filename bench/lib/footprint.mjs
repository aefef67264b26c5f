// The module's costs apart from requests: memory, and time at start and reload.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bearer, gate, issueRequest, unguarded } from './gate_sites.mjs';
import { MEASURED_CPU, runLoad, writeRequests } from './load.mjs';
import { configuration, NGINX, startNginx } from './nginx.mjs';
import { makeFolder, outputOf, removeFolder } from './scratch.mjs';

const MB = 1024 * 1024;

function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kb = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]);
  return { own: (kb('RssAnon') + kb('RssFile')) * 1024, shared: kb('RssShmem') * 1024 };
}

// MB that the gate adds to a worker after use. Excludes the zone, which all workers share.
export async function workerMemory({ module, generator, seconds }) {
  const folder = makeFolder();
  const newJwts = Array.from({ length: 20_000 }, (_, n) => ({ path: '/a', headers: bearer(n) }));
  const requests = {
    plain: writeRequests(join(folder, 'plain'), newJwts),
    mfa: writeRequests(join(folder, 'mfa'), newJwts.map((request) => ({ ...request, path: '/m' }))),
    issue: writeRequests(join(folder, 'issue'), [issueRequest(0)]),
    redeem: writeRequests(join(folder, 'redeem'), [{ path: '/t?token=TOKEN' }]),
  };
  const tokens = join(folder, 'tokens');
  const used = async (site, loads) => {
    const nginx = await startNginx(site);
    for (const load of loads) await runLoad(generator, { ...nginx, seconds, ...load });
    const resident = residentBytes(nginx.worker);
    await nginx.stop();
    return resident;
  };
  const without = await used(unguarded(), [{ requests: requests.plain }]);
  const withGate = await used(gate(module, { zone: '256m', places: 1_000_000 }), [
    { requests: requests.plain }, { requests: requests.mfa }, { requests: requests.issue, keepTokens: tokens },
    { requests: requests.redeem, tokens, once: true, seconds: 60 },
  ]);
  removeFolder(folder);
  return { added_mb: (withGate.own - without.own) / MB, zone_mb: (withGate.shared - without.shared) / MB };
}

// Bytes of zone per token, from the minimum size that nginx's message names; three quarters of a zone are for tokens.
export async function bytesPerToken(module) {
  const kilobytesFor = async (tokens) => {
    const folder = makeFolder();
    const path = join(folder, 'nginx.conf');
    writeFileSync(path, configuration(gate(module, { zone: '64k', places: tokens }), folder, 1));
    const said = await outputOf('sh', ['-c', '"$1" -t -p "$2" -e "$2/error.log" -c "$3" 2>&1 || true', 'sh', NGINX, folder, path]);
    removeFolder(folder);
    const found = /it needs at least (\d+)k/.exec(said);
    if (!found) throw new Error(`nginx did not say how large the zone has to be:\n${said}`);
    return Number(found[1]);
  };
  const [half, whole] = [await kilobytesFor(500_000), await kilobytesFor(1_000_000)];
  return (whole - half) * 1024 / 500_000 * 3 / 4;
}

// Milliseconds from nginx's start to its first response, and from a reload to its new worker.
async function startAndReload(site) {
  const nginx = await startNginx(site, { wrapper: ['taskset', '-c', String(MEASURED_CPU)] });
  const began = performance.now();
  process.kill(nginx.pid, 'SIGHUP');
  const children = () => readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').trim().split(' ').map(Number);
  while (!children().some((pid) => pid !== nginx.worker)) await sleep(1);
  const reload = performance.now() - began;
  await nginx.stop();
  return { start: nginx.startMs, reload };
}

// Milliseconds that the gate with a zone for 10^6 tokens adds to each: { start: [...], reload: [...] }.
export async function startTimes(module, rounds) {
  const added = { start: [], reload: [] };
  for (let round = 0; round < rounds; round += 1) {
    const without = await startAndReload(unguarded());
    const withGate = await startAndReload(gate(module, { zone: '256m', places: 1_000_000 }));
    for (const what of ['start', 'reload']) added[what].push(withGate[what] - without[what]);
  }
  return added;
}
