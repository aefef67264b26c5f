// npm's cookie (Express) or cookies (Koa), named by the argument, from the example's packages. Reads a Cookie header a
// line, in hexadecimal; writes the value of trek_session, or "-".
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../example/package.json', import.meta.url));
const read = {
  cookie: (header) => require('cookie').parse(header).trek_session,
  cookies: (header) => new (require('cookies'))({ headers: { cookie: header } }, {}).get('trek_session'),
}[process.argv[2]];

for (const line of readFileSync(0, 'latin1').trimEnd().split('\n')) {
  const value = read(Buffer.from(line, 'hex').toString('latin1'));
  console.log(value === undefined ? '-' : Buffer.from(value, 'latin1').toString('hex'));
}
