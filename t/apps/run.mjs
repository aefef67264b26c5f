// Runs the named applications behind the gate, one after the other, and prints TAP. dev.d/apps.sh installs them.

import { Tap } from '../e2e/lib/tap.mjs';
import { journey } from './lib/journey.mjs';
import { stopAll } from './lib/processes.mjs';
import { Site } from './lib/site.mjs';

const tap = new Tap();
for (const name of process.argv.slice(2)) {
  tap.note(name);
  let site;
  try {
    const app = (await import(`./${name}/app.mjs`)).default;
    const open = async () => { site = await Site.open(name, app); };
    await tap.test(`${name}: the application, the provider and nginx start`, open);
    if (site) await journey(tap, site);
  } finally {
    await site?.close();
    await stopAll();
  }
}
process.exit(tap.conclude() ? 0 : 1);
