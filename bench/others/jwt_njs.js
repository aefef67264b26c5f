// A JWT check in njs, as its examples do it.

import crypto from 'crypto';

function check(r) {
  const parts = (r.headersIn.Authorization || '').slice('Bearer '.length).split('.');
  if (parts.length !== 3) return '0';
  const header = JSON.parse(Buffer.from(parts[0], 'base64url').toString());
  if (header.alg !== 'HS256') return '0';
  const signature = crypto.createHmac('sha256', process.env.BENCH_SECRET)
    .update(`${parts[0]}.${parts[1]}`).digest('base64url');
  if (signature !== parts[2]) return '0';
  const claims = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
  return claims.id !== undefined && claims.exp > Date.now() / 1000 ? '1' : '0';
}

export default { check };
