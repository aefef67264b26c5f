// JWTs as an application would sign them.

import { createHmac } from 'node:crypto';

export const SECRET = 'a secret of the benchmarks, longer than 32 bytes';
export const JWT_SIZE = 204;

// Constant, so that a number always gives the same JWT, and far from the present.
const ISSUED_AT = 1_700_000_000;
const EXPIRES = 4_102_444_800;
const USERS = 64;

const HEADER = base64url('{"alg":"HS256","typ":"JWT"}');

function base64url(data) {
  return Buffer.from(data).toString('base64url');
}

// The JWT with this number. It has JWT_SIZE bytes, is unique to the number, and belongs to one of 64 users.
export function jwtNumber(number) {
  const payload = JSON.stringify({
    id: 1_000_000 + (number % USERS),
    iat: ISSUED_AT,
    exp: EXPIRES,
    sid: String(number).padStart(35, '0'),
  });
  const signed = `${HEADER}.${base64url(payload)}`;
  const jwt = `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
  if (jwt.length !== JWT_SIZE) throw new Error(`a JWT of ${jwt.length} bytes`);
  return jwt;
}
