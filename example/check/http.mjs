// Plain HTTP: node:http sends the target unchanged, follows no redirects and keeps no connections open.

import http from 'node:http';

const TIMEOUT_MS = 10_000;

// Resolves to {status, headers, body (Buffer), text, json}; json is undefined if the body is not JSON.
export function request(base, method, target, { token, headers = {}, json } = {}) {
  const { hostname, port } = new URL(base);
  const body = json === undefined ? undefined : JSON.stringify(json);
  const options = {
    hostname,
    port,
    method,
    path: target,
    agent: false,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      ...(body === undefined && method === 'POST' && { 'Content-Length': 0 }),
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const req = http.request(options, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve(answer(res, Buffer.concat(chunks))));
    });
    req.setTimeout(TIMEOUT_MS, () => req.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    req.on('error', reject);
    req.end(body);
  });
}

function answer(res, body) {
  const text = body.toString();
  return { status: res.statusCode, headers: res.headers, body, text, json: parse(text) };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
