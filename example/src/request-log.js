// One line of JSON for each request, headers and all, so that a check can prove which credentials reached the
// application. It holds secrets: off unless a file is named, and readable by its owner alone.

import { openSync, writeSync } from 'node:fs';

export function createRequestLog(path) {
  if (!path) return () => {};
  const file = openSync(path, 'a', 0o600);
  return (req) => {
    const entry = {
      time: new Date().toISOString(),
      method: req.method,
      url: req.originalUrl ?? req.url,
      headers: req.headersDistinct,
    };
    // Synchronous: who has the answer in hand finds the line in the file.
    writeSync(file, `${JSON.stringify(entry)}\n`);
  };
}
