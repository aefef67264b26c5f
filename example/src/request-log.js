// Logs each request as a line of JSON, including its headers, so that a check can prove which credentials reached the
// application. The log contains secrets: it is off unless a file is named, and only its owner can read it.

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
    // Synchronous, so that the line is in the file before the client has the response.
    writeSync(file, `${JSON.stringify(entry)}\n`);
  };
}
