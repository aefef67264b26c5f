// The least that a Node.js server does who checks a JWT.

import { createHmac, timingSafeEqual } from 'node:crypto';

const secret = process.env.BENCH_SECRET;

export function userOf(req) {
  const [header, payload, signature] = (req.headers.authorization ?? '').slice('Bearer '.length).split('.');
  if (signature === undefined || JSON.parse(Buffer.from(header, 'base64url').toString()).alg !== 'HS256') return null;
  const expected = createHmac('sha256', secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return claims.exp > Date.now() / 1000 ? claims.id : null;
}

// Listens on a free port and says which.
export function serve(server) {
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
}
