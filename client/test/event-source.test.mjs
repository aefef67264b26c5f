import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { connectEventSource } from '../index.js';
import { EventStream, idForHeader } from '../lib/event-stream.js';
import { asPage, FakeClock, fakeGate, JWT, ORIGIN, settle } from './kit.mjs';

const closing = [];
afterEach(() => closing.splice(0).forEach((source) => source.close()));

// A stream that the test writes.
function stream() {
  let controller;
  const body = new ReadableStream({ start(given) { controller = given; } });
  return {
    response: new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }),
    async write(text) {
      controller.enqueue(new TextEncoder().encode(text));
      await settle();
    },
    async end() {
      controller.close();
      await settle();
    },
    async fail() {
      controller.error(new TypeError('network error'));
      await settle();
    },
  };
}

const json = (status, body = {}, headers = {}) => Response.json(body, { status, headers });

// A page's source that records its events. `answers` are those of the stream's location, one for each connection.
async function connect(answers, { tokens, getJwt = () => JWT, ...options } = {}) {
  const asked = [];
  const issued = fakeGate(tokens);
  const gate = async (url, request = {}) => {
    if (!String(url).includes('/events')) return issued.fetch(url, request);
    asked.push({ url: String(url), ...request, headers: new Headers(request.headers) });
    const answer = answers[asked.length - 1] ?? new TypeError('no more');
    if (answer instanceof Error) throw answer;
    return answer.response ?? answer;
  };
  const visited = asPage({ fetch: gate, getJwt });
  const clock = new FakeClock();
  const told = [];
  const source = connectEventSource('/api/events?trip=1#top', { clock, random: () => 1, ...options });
  closing.push(source);
  for (const type of ['open', 'message', 'price', 'retry', 'stopped']) {
    source.addEventListener(type, (event) => told.push([type, event.data ?? event.delay ?? event.error?.code]));
  }
  await settle();
  return { source, clock, told, asked, issued, visited };
}

test('it connects with a token and tells events by their names', async () => {
  const first = stream();
  const { source, told, asked } = await connect([first]);
  assert.match(asked[0].url, /^https:\/\/app\.example\/api\/events\?trip=1&token=[0-9a-f]{64}$/);
  assert.deepEqual([asked[0].headers.get('Accept'), asked[0].headers.get('Last-Event-ID')], ['text/event-stream', null]);
  assert.equal(asked[0].headers.get('Authorization'), null);
  const seen = [];
  source.addEventListener('message', ({ origin, lastEventId }) => seen.push(origin, lastEventId));
  await first.write('id: 7\ndata: one\n\nevent: price\ndata: 5\n\n');
  assert.deepEqual(told, [['open', undefined], ['message', 'one'], ['price', '5']]);
  assert.deepEqual([seen, source.state, source.lastEventId], [[ORIGIN, '7'], 'open', '7']);
});

test('a lost connection is made again, with a new token and the id of the last event', async () => {
  const [first, second] = [stream(), stream()];
  const { source, clock, told, asked } = await connect([first, second]);
  await first.write('id: Žluťoučký 7\ndata: one\n\n');
  await first.end();
  assert.deepEqual(told.slice(2), [['retry', 1000]]);
  assert.equal(source.state, 'waiting');
  await clock.advance(1000);
  await second.write('data: two\n\n');
  assert.equal(Buffer.from(asked[1].headers.get('Last-Event-ID'), 'latin1').toString('utf8'), 'Žluťoučký 7');
  assert.notEqual(asked[1].url, asked[0].url);
  assert.deepEqual(told.at(-1), ['message', 'two']);
});

test('a page can go on where another one was', async () => {
  const { asked } = await connect([stream()], { lastEventId: '41' });
  assert.equal(asked[0].headers.get('Last-Event-ID'), '41');
});

test('the server says how long to wait, and failures make it longer', async () => {
  const first = stream();
  const { clock, told } = await connect([first, new TypeError('lost'), json(503), json(503, {}, { 'Retry-After': '120' })]);
  await first.write('retry: 5000\ndata: x\n\n');
  await first.fail();
  for (const delay of [5000, 10_000, 20_000]) {
    assert.deepEqual(told.at(-1), ['retry', delay]);
    await clock.advance(delay);
  }
  assert.deepEqual(told.at(-1), ['retry', 120_000]);
});

test('a server that wants no wait is still not hammered, and one that wants a year is not asked at once', async () => {
  const [first, second] = [stream(), stream()];
  const { clock, told } = await connect([first, second]);
  await first.write('retry: 0\n\n');
  await first.end();
  assert.deepEqual(told.at(-1), ['retry', 100]);
  await clock.advance(100);
  await second.write('retry: 31536000000\n\n');
  await second.end();
  assert.deepEqual(told.at(-1), ['retry', 2 ** 31 - 1]);
});

test('an event, or a connection that lasts, makes the waiting begin anew', async () => {
  const streams = [stream(), stream(), stream(), stream()];
  const { clock, told } = await connect(streams, { stableAfter: 5000 });
  await streams[0].end();
  await clock.advance(1000);
  await streams[1].end();
  await clock.advance(2000);
  await streams[2].write('data: x\n\n');
  await streams[2].end();
  await clock.advance(1000);
  await clock.advance(5000);
  await streams[3].end();
  assert.deepEqual(told.filter(([type]) => type === 'retry').map(([, delay]) => delay), [1000, 2000, 1000, 1000]);
});

test('it ends where another try is of no use', async () => {
  for (const [answer, code, page] of [
    [new Response(null, { status: 204 }), undefined, null],
    [json(403, { code: 'MFA_REQUIRED' }), 'MFA_REQUIRED', '/settings?mfa=required'],
    [json(403, { code: 'FORBIDDEN' }), 'FORBIDDEN', null],
    [json(404), 'BAD_REQUEST', null],
    [json(400, { error: 'Invalid purpose' }), 'BAD_REQUEST', null],
    [json(200), 'BAD_ANSWER', null],
  ]) {
    const { source, clock, told, asked, visited } = await connect([answer]);
    assert.deepEqual(told, [['stopped', code]]);
    assert.deepEqual([source.state, clock.waiting, asked.length, visited], ['closed', [], 1, page ? [page] : []]);
  }
});

test('a token that expired on its way is replaced once', async () => {
  const refused = () => json(401, { error: 'Invalid or expired token', code: 'AUTH_REQUIRED' });
  const good = await connect([refused(), stream()]);
  assert.deepEqual([good.told, good.asked.length, good.visited], [[['open', undefined]], 2, []]);
  assert.notEqual(good.asked[0].url, good.asked[1].url);
  const bad = await connect([refused(), refused()]);
  assert.deepEqual([bad.told, bad.asked.length, bad.visited], [[['stopped', 'AUTH_REQUIRED']], 2, ['/login']]);
});

test('a session that has ended gets no token, and ends it', async () => {
  const { told, asked, visited } = await connect([], { tokens: () => json(401, { code: 'AUTH_REQUIRED' }) });
  assert.deepEqual([told, asked, visited], [[['stopped', 'AUTH_REQUIRED']], [], ['/login']]);
});

test('without a purpose the session itself is sent', async () => {
  const { asked, issued } = await connect([stream()], { purpose: null });
  assert.deepEqual([asked[0].url, issued.requests], [`${ORIGIN}/api/events?trip=1`, []]);
  assert.equal(asked[0].headers.get('Authorization'), `Bearer ${JWT}`);
  const refused = await connect([json(401, { code: 'AUTH_REQUIRED' })], { purpose: null });
  assert.deepEqual([refused.told, refused.asked.length], [[['stopped', 'AUTH_REQUIRED']], 1]);
});

test('who has to set up MFA hears whether a new JWT would help, from the stream and from the tokens', async () => {
  const refused = () => json(403, { code: 'MFA_REQUIRED' }, { 'Auth-Gate': 'refresh' });
  const heard = [];
  const onMfaRequired = ({ refresh }) => heard.push(refresh);
  await connect([refused()], { onMfaRequired });
  await connect([], { tokens: refused, onMfaRequired });
  await connect([json(403, { code: 'MFA_REQUIRED' })], { onMfaRequired });
  assert.deepEqual(heard, [true, true, false]);
});

test('close() and a signal end it in every state, and nothing is told any more', async () => {
  const first = stream();
  const open = await connect([first]);
  open.source.addEventListener('message', () => open.source.close());
  await first.write('data: one\n\ndata: two\n\n');
  assert.deepEqual([open.told.slice(1), open.source.state, open.clock.waiting], [[['message', 'one']], 'closed', []]);
  assert.ok(open.asked[0].signal.aborted);

  const abort = new AbortController();
  const second = stream();
  const waiting = await connect([second], { signal: abort.signal });
  await second.end();
  abort.abort();
  await waiting.clock.advance(60_000);
  assert.deepEqual([waiting.asked.length, waiting.source.state], [1, 'closed']);

  const late = await connect([stream()], { signal: AbortSignal.abort() });
  assert.deepEqual([late.asked, late.told], [[], []]);
});

test('a server cannot pretend to be the helper', async () => {
  const first = stream();
  const { told } = await connect([first]);
  await first.write('event: stopped\ndata: x\n\nevent: retry\ndata: y\n\nevent: open\ndata: z\n\n');
  assert.deepEqual(told.slice(1), [['message', 'x'], ['message', 'y'], ['message', 'z']]);
});

test('another site is refused at once', () => {
  asPage();
  assert.throws(() => connectEventSource('https://other.example/events'), { code: 'FOREIGN_ORIGIN' });
});

test('the format: pieces, line ends, comments, names without a value', () => {
  const events = new EventStream();
  const found = ['\n: a comment\nda', 'ta: a\r', '\ndata\rdata:b\n\n', 'event: x\n\nid: 1\0\ndata:  c\r\n\r\n']
    .flatMap((piece) => events.push(piece));
  assert.deepEqual(found, [
    { type: 'message', data: 'a\n\nb', lastEventId: '' },
    { type: 'message', data: ' c', lastEventId: '' },
  ]);
  assert.equal(idForHeader('é'), 'Ã©');
});
