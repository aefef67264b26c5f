// Single-use tokens the way that the gate replaces: a Node.js process with a Map.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { serve, userOf } from './check_jwt.mjs';

const TTL_MS = 60_000;
const tokens = new Map();

function answer(res, status, body) {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  res.end(text);
}

function issue(req, res) {
  const user = userOf(req);
  if (user === null) return answer(res, 401, { error: 'Invalid or expired token' });
  const token = randomBytes(32).toString('hex');
  tokens.set(token, { user, purpose: 'download', expires: Date.now() + TTL_MS });
  return answer(res, 200, { token });
}

function redeem(url, res) {
  const token = url.searchParams.get('token');
  const entry = tokens.get(token);
  tokens.delete(token);
  if (!entry || entry.expires < Date.now()) return answer(res, 401, { error: 'Invalid or expired token' });
  return answer(res, 200, { user: entry.user });
}

setInterval(() => {
  const now = Date.now();
  for (const [token, entry] of tokens) if (entry.expires < now) tokens.delete(token);
}, TTL_MS).unref();

serve(createServer((req, res) => {
  if (req.method === 'POST') return issue(req, res);
  return redeem(new URL(req.url, 'http://localhost'), res);
}));
