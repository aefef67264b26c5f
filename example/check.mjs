// Walks through the whole journey behind the gate, and prints one line per step. README.md lists the environment variables.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { mainJourney } from './check/journey.mjs';
import { checkLogs } from './check/logs.mjs';
import { mfaJourney } from './check/mfa.mjs';
import { expectEqual, needed, Report } from './check/report.mjs';
import { ssoJourney } from './check/sso.mjs';
import { ADMIN, ALICE, Visitor } from './check/visitor.mjs';

// nginx writes the last lines of its log shortly after the client has received the response.
const LOG_DELAY_MS = 500;

const { GATE_URL, APP_URL, JWT_SECRET, LOGS, RELOAD_CMD, PROVIDER_URL } = readEnvironment();

async function main() {
  const report = new Report();
  const alice = new Visitor(GATE_URL, ALICE);
  const admin = new Visitor(GATE_URL, ADMIN);

  report.heading('The journey');
  await mainJourney(report, alice, APP_URL);

  report.heading('A reload in between');
  await acrossReload(report, alice);

  report.heading('Two-factor authentication');
  await mfaJourney(report, { alice, admin, appUrl: APP_URL, reload });

  report.heading('The journey again');
  await mainJourney(report, alice, APP_URL);

  if (PROVIDER_URL) {
    report.heading('Single sign-on');
    await ssoJourney(report, alice, PROVIDER_URL);
  }

  report.heading('The logs');
  await sleep(LOG_DELAY_MS);
  await checkLogs(report, LOGS.split(':').filter(Boolean), { alice, admin }, JWT_SECRET);

  return report.conclude();
}

async function acrossReload(report, alice) {
  let token;
  await report.step('POST /api/auth/ws-token', async () => {
    token = await alice.token('ws');
    return `200 token ${token}`;
  });
  await reload(report);
  await report.step('WebSocket /ws?token=<the token from before the reload>', () => alice.expectWelcome(needed(token)));
  await report.step('WebSocket /ws?token=<the same token>', () => (
    alice.expectSocketClosed(`?token=${needed(token)}`, 4001, 'Invalid or expired token')));
}

async function reload(report) {
  await report.step('reload nginx', async () => {
    const reload = spawn('sh', ['-c', RELOAD_CMD], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [status] = await once(reload, 'exit');
    expectEqual(status, 0, 'exit status');
    return 'done';
  });
}

function readEnvironment() {
  const names = ['GATE_URL', 'APP_URL', 'JWT_SECRET', 'LOGS', 'RELOAD_CMD'];
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.error(`check: ${missing.join(', ')} must be set`);
    process.exit(2);
  }
  return process.env;
}

process.exitCode = await main() ? 0 : 1;
