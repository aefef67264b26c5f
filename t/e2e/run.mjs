// Runs all suites, or those named as arguments, and prints TAP. dev.d/e2e.sh starts the site and sets the environment.

import { Stage } from './lib/stage.mjs';
import { Tap } from './lib/tap.mjs';

const SUITES = ['files', 'client', 'streams', 'media', 'sockets', 'documents', 'shim', 'shim-odd', 'example', 'languages', 'mfa', 'dialog', 'oidc', 'sso', 'logs'];
const { GATE_URL: url, PROVIDER_URL: provider, RELOAD_CMD: reloadCommand, PAGES: pages, LOGS: logs } = process.env;

const tap = new Tap();
const stage = await Stage.open({ url, provider, reloadCommand, pages, logs: logs.split(':') });
try {
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : SUITES) {
    tap.note(name);
    await (await import(`./suites/${name}.mjs`)).default(tap, stage);
  }
} finally {
  await stage.close();
}
process.exitCode = tap.conclude() ? 0 : 1;
