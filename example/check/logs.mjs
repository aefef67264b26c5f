// Checks what the logs must and must not contain after the journey.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import jwt from 'jsonwebtoken';
import { expect, expectEqual, shorten } from './report.mjs';

const LONGEST_LIFETIME = 600;
const ANY_JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/;

// A part of a credential is a leak, too, and a log may truncate lines. These parts of a token and of a JWT's signature are long
// enough not to occur by chance.
const traceOfToken = (token) => token.slice(0, 20);
const traceOfJwt = (token) => token.split('.')[2].slice(0, 20);

export async function checkLogs(report, paths, { alice, admin }, jwtSecret) {
  const logs = paths.map((path) => ({ path, text: read(path) }));
  const ofApp = logs.find(({ text }) => parseEntries(text));
  const entries = ofApp ? parseEntries(ofApp.text) : [];
  const ofNginx = logs.filter((log) => log !== ofApp);
  const tokens = [...alice.tokens];
  const jwts = [...alice.jwts, ...admin.jwts];

  for (const { path, text } of ofNginx) {
    await report.step(`search ${basename(path)} for the ${tokens.length} tokens and for JWTs of anybody`, () => {
      expect(text !== null, 'the file cannot be read');
      expectNone(text, tokens.map(traceOfToken), 'tokens');
      expectNone(text, jwts.map(traceOfJwt), 'JWTs of theirs');
      expect(!ANY_JWT.test(text), 'a JWT is there');
      return `none in ${lineCount(text)} lines`;
    });
  }

  await report.step('search nginx\'s logs for the downloads themselves', () => {
    const seen = ofNginx.some(({ text }) => text?.includes(alice.admitted[0]?.path));
    expect(seen, 'none is there: these are not the logs of this journey');
    return 'they are there, so these are the right files';
  });

  await report.step(`search the application's log for the ${tokens.length} tokens`, () => {
    expect(ofApp, 'none of LOGS is the application\'s REQUEST_LOG');
    expectNone(ofApp.text, tokens.map(traceOfToken), 'tokens');
    return `none in ${entries.length} requests`;
  });

  await report.step('search the application\'s log for their JWTs outside of the Authorization header', () => {
    expect(ofApp, 'none of LOGS is the application\'s REQUEST_LOG');
    const elsewhere = entries.map(({ url, headers: { authorization, ...others } }) => JSON.stringify([url, others]));
    expectNone(elsewhere.join('\n'), jwts.map(traceOfJwt), 'JWTs');
    return 'none';
  });

  await report.step(`look up the ${alice.admitted.length} requests that a token let in, in the application's log`, () => {
    expect(alice.admitted.length > 0, 'no request was let in');
    const lifetimes = alice.admitted.map((request) => checkAdmitted(entries, request, alice, jwtSecret));
    return `each has a fresh JWT {id, iat, exp} for ${Math.max(...lifetimes)} s, and no token in its URL`;
  });

  await report.step('look up the sockets in the application\'s log', () => {
    const upgrades = entries.filter(({ headers }) => /^websocket$/i.test(headers.upgrade?.[0] ?? ''));
    expect(upgrades.length > 0, 'none is there');
    for (const { url, headers } of upgrades) {
      const inUrl = new URL(url, 'http://app').searchParams.get('token');
      checkFresh(inUrl ?? bearer(headers), alice, jwtSecret);
    }
    return `${upgrades.length} handshakes, each with a fresh JWT {id, iat, exp}`;
  });
}

function checkAdmitted(entries, { path, mark }, alice, jwtSecret) {
  const found = entries.filter(({ headers }) => headers['x-check']?.includes(mark));
  expectEqual(found.length, 1, `the number of times that GET ${path} reached the application`);
  expectEqual(found[0].url, path, 'the URL that the application saw');
  return checkFresh(bearer(found[0].headers), alice, jwtSecret);
}

// Returns its lifetime in seconds.
function checkFresh(token, alice, jwtSecret) {
  expect(token, 'the application got no JWT');
  expect(!alice.jwts.has(token), 'the application got alice\'s own JWT instead of a fresh one');
  const claims = jwt.verify(token, jwtSecret, { algorithms: ['HS256'], ignoreExpiration: true });
  const id = jwt.decode([...alice.jwts][0]).id;
  expectEqual(Object.keys(claims).sort(), ['exp', 'iat', 'id'], 'the members of the payload');
  expectEqual(claims.id, id, 'the id');
  const lifetime = claims.exp - claims.iat;
  expect(lifetime > 0 && lifetime <= LONGEST_LIFETIME, `it lives for ${lifetime} s`);
  return lifetime;
}

function bearer(headers) {
  expectEqual(headers.authorization?.length, 1, 'the number of Authorization headers');
  return /^Bearer (\S+)$/.exec(headers.authorization[0])?.[1];
}

function expectNone(text, traces, what) {
  expect(traces.length > 0, 'the journey used none, so there is nothing to search for');
  const found = traces.filter((trace) => text.includes(trace));
  const examples = found.slice(0, 3).map(shorten).join(' ');
  expect(found.length === 0, `${found.length} ${what} are there: ${examples}`);
}

// Every line of the application's log is an object with these members; no line of nginx's logs is.
function parseEntries(text) {
  try {
    const entries = text.trim().split('\n').map((line) => JSON.parse(line));
    return entries.every(({ method, url, headers }) => method && url && headers) ? entries : null;
  } catch {
    return null;
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const lineCount = (text) => text.split('\n').length - 1;
