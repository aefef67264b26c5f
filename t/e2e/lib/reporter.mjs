// A reporter for `node --test` that prints TAP for prove, which cannot parse node's own reports of failures.

import { asComment } from './tap.mjs';

export default async function* report(events) {
  let count = 0;
  for await (const { type, data } of events) {
    if (type === 'test:stderr') yield `${asComment(data.message.trimEnd())}\n`;
    if (!['test:pass', 'test:fail'].includes(type) || data.nesting > 0) continue;
    count++;
    const passed = type === 'test:pass';
    yield `${passed ? 'ok' : 'not ok'} ${count} - ${data.name.replaceAll('#', '\\#')}\n`;
    if (!passed) yield `${asComment(data.details.error.cause ?? data.details.error)}\n`;
  }
  yield `1..${count}\n`;
}
